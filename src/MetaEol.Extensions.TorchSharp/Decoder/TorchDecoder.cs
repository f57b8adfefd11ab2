using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>The forward pass of the decoder on libtorch, for the rows of a prefix tree.</summary>
/// <remarks>
/// Products and attention are computed in the number type of the precision, everything else in float32. Shapes are checked by construction, not by libtorch:
/// <c>Tensor.matmul</c> would end the process where one is wrong, so that only functions are used that TorchSharp catches errors of.
/// </remarks>
internal sealed class TorchDecoder(LlamaConfig config, DeviceWeights weights, torch.ScalarType type) : IDisposable
{
    private readonly int _queryWidth = config.AttentionHeads * config.HeadDimension;
    private readonly int _keyValueWidth = config.KeyValueHeads * config.HeadDimension;
    private readonly DecoderScalars _scalars = new(config);

    /// <summary>Runs a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <returns>For each wanted index into <c>hidden_states</c> the prompts' states, <c>[prompts × hidden]</c>, float32, in the current dispose scope.</returns>
    public IReadOnlyList<(int Index, torch.Tensor States)> Run(PlannedPass<CachedPrefix> pass)
    {
        var layout = new BatchLayout(pass);
        int depth = pass.Depth;
        Dictionary<torch.Device, BatchTensors> onDevice = weights.Layers.Take(depth).Select(layer => layer.Device).Distinct()
            .ToDictionary(device => device, device => new BatchTensors(config, layout, device, config.AttentionSoftCap is null ? type : torch.ScalarType.Float32));
        torch.Tensor hidden = Embed(layout.Tokens, pass);
        var states = new List<(int Index, torch.Tensor States)>();
        for (int index = 0; index < depth; index++)
        {
            if (pass.IsWanted(index))
            {
                states.Add((index, LastRows(hidden, layout)));
            }

            pass.Checkpoint();
            DeviceLayer layer = weights.Layers[index];
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor next = RunLayer(layer, index, Prepend(pass, index, hidden).to(layer.Device), onDevice[layer.Device], layout, isLast: index == depth - 1, layout.NewPrefixes);
            hidden.Dispose();
            hidden = next.MoveToOuterDisposeScope();
        }

        // Behind the last layer that runs only the last rows are left.
        torch.Tensor last = depth == 0 ? LastRows(hidden, layout) : hidden;
        states.Add((depth, depth == config.LayerCount ? Norm(last.to(weights.FinalNorm.device), weights.FinalNorm) : last));
        return states;
    }

    public void Dispose()
    {
        weights.Dispose();
        _scalars.Dispose();
    }

    private torch.Tensor RunLayer(
        DeviceLayer layer, int index, torch.Tensor hidden, BatchTensors batch, BatchLayout layout, bool isLast, IReadOnlyList<(CachedPrefix Entry, int[] Slots)> newPrefixes)
    {
        // Keys and values are needed of all rows; in the last layer everything else only of the prompts' last tokens.
        RotaryAngles? angles = layer.Rotary is { } rotary ? batch.Rotary[rotary] : null;
        torch.Tensor input = Norm(hidden, layer.BeforeAttentionNorm).to(type);
        torch.Tensor keyValue = layer.QueryKeyValue.Multiply(input, layer.QueryKeyValueBias, _queryWidth, 2 * _keyValueWidth);
        torch.Tensor keys = Heads(keyValue.narrow(1, 0, _keyValueWidth), config.KeyValueHeads, layer.KeyNorm, angles, scale: null);
        torch.Tensor values = keyValue.narrow(1, _keyValueWidth, _keyValueWidth);
        keys = torch.cat([.. layout.Prefixes.Select(prefix => prefix.Keys[index]), keys]);
        values = torch.cat([.. layout.Prefixes.Select(prefix => prefix.Values[index]), values]);
        foreach ((CachedPrefix entry, int[] slots) in newPrefixes)
        {
            torch.Tensor chosen = HostTransfer.ToDevice(slots, layer.Device);
            entry.Append(keys.index_select(0, chosen), values.index_select(0, chosen));
        }

        if (isLast)
        {
            hidden = hidden.index_select(0, batch.LastRows);
            input = input.index_select(0, batch.LastRows);
            angles = angles?.Select(batch.LastRows);
        }

        torch.Tensor projected = layer.QueryKeyValue.Multiply(input, layer.QueryKeyValueBias, 0, _queryWidth);
        torch.Tensor queries = Heads(projected, config.AttentionHeads, layer.QueryNorm, angles, _scalars.QueryScale);
        torch.Tensor attended = isLast
            ? Attend(queries, keys, values, batch.LastGroups, batch.LastPlaces, layer.Window)
            : Attend(queries, keys, values, batch.AllGroups, batch.AllPlaces, layer.Window);
        torch.Tensor output = layer.AttentionOutput.Multiply(attended, layer.AttentionOutputBias);
        hidden = hidden.add(Norm(output, layer.AfterAttentionNorm), _scalars.ResidualScale);

        torch.Tensor gateUp = layer.GateUp.Multiply(Norm(hidden, layer.BeforeMlpNorm).to(type), layer.GateUpBias);
        torch.Tensor gated = Activate(gateUp.narrow(1, 0, config.IntermediateSize)).mul_(gateUp.narrow(1, config.IntermediateSize, config.IntermediateSize));
        return hidden.add_(Norm(layer.Down.Multiply(gated, layer.DownBias), layer.AfterMlpNorm), _scalars.ResidualScale);
    }

    /// <summary>A new tensor with the activations of the gate.</summary>
    private torch.Tensor Activate(torch.Tensor gate)
    {
        if (config.Activation == Activation.Silu)
        {
            return gate.silu();
        }

        // ½x · (1 + tanh(u)) is x · sigmoid(2u).
        torch.Tensor x = gate.to(torch.ScalarType.Float32);
        torch.Tensor u = x.mul(x).mul_(_scalars.GeluCubic).add_(_scalars.One, _scalars.One).mul_(x).mul_(_scalars.GeluSlope);
        return u.sigmoid_().mul_(x).to(type);
    }

    /// <summary>Attention of query rows <c>[rows × heads·head_dim]</c> over keys and values <c>[slots × kv_heads·head_dim]</c>.</summary>
    private torch.Tensor Attend(torch.Tensor queries, torch.Tensor keys, torch.Tensor values, IReadOnlyList<GroupTensors> groups, torch.Tensor places, int? window)
    {
        long kvHeads = config.KeyValueHeads;
        long headsPerGroup = config.AttentionHeads / kvHeads;
        long width = config.HeadDimension;
        var outputs = new torch.Tensor[groups.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            GroupTensors group = groups[i];
            torch.Tensor query = queries.index_select(0, group.Queries).view(group.Blocks, group.Rows, kvHeads, headsPerGroup, width)
                .permute(0, 2, 3, 1, 4).reshape(group.Blocks, kvHeads, headsPerGroup * group.Rows, width);
            torch.Tensor key = keys.index_select(0, group.KeySlots).view(group.Blocks, group.Keys, kvHeads, width).transpose(1, 2);
            torch.Tensor value = values.index_select(0, group.KeySlots).view(group.Blocks, group.Keys, kvHeads, width).transpose(1, 2);
            torch.Tensor output = config.AttentionSoftCap is null
                ? torch.nn.functional.scaled_dot_product_attention(query, key, value, group.Mask(window))
                : AttendCapped(query, key, value, group.Mask(window));
            outputs[i] = output.reshape(group.Blocks, kvHeads, headsPerGroup, group.Rows, width)
                .permute(0, 3, 1, 2, 4).reshape((long)group.Blocks * group.Rows, _queryWidth);
        }

        return torch.cat(outputs).index_select(0, places);
    }

    /// <summary>The same with capped scores, which libtorch's fused attention does not know.</summary>
    private torch.Tensor AttendCapped(torch.Tensor query, torch.Tensor key, torch.Tensor value, torch.Tensor mask)
    {
        (long blocks, long heads, long rows, long keys, long width) = (query.shape[0], query.shape[1], query.shape[2], key.shape[2], query.shape[3]);
        torch.Tensor scores = query.reshape(blocks * heads, rows, width).bmm(key.reshape(blocks * heads, keys, width).transpose(1, 2)).to(torch.ScalarType.Float32);
        scores = scores.mul_(_scalars.InverseSoftCap).tanh_().mul_(_scalars.SoftCap).view(blocks, heads, rows, keys);

        // Masked after the cap: what is not seen must not count as a score of minus the cap.
        torch.Tensor shares = scores.add_(mask, _scalars.One).softmax(-1).to(type);
        return shares.view(blocks * heads, rows, keys).bmm(value.reshape(blocks * heads, keys, width)).view(blocks, heads, rows, width);
    }

    /// <summary>Projected heads, normed, scaled and turned by their rows' angles where the model does so: pair (i, i + pairs) of each head; what lies behind the pairs stays.</summary>
    private torch.Tensor Heads(torch.Tensor projected, int heads, torch.Tensor? norm, RotaryAngles? angles, Scalar? scale)
    {
        long width = config.HeadDimension;
        torch.Tensor x = projected.to(torch.ScalarType.Float32);
        x = config.QueryKeyNorm == QueryKeyNorm.FullWidth ? Norm(x, norm) : x;
        x = x.reshape(projected.shape[0], heads, width);
        x = config.QueryKeyNorm == QueryKeyNorm.PerHead ? Norm(x, norm) : x;
        x = scale is null ? x : x.mul(scale);
        if (angles is not null)
        {
            long pairs = angles.Pairs;
            torch.Tensor first = x.narrow(2, 0, pairs);
            torch.Tensor second = x.narrow(2, pairs, pairs);
            torch.Tensor turned = first.mul(angles.Cosines).sub_(second.mul(angles.Sines));
            torch.Tensor turnedSecond = second.mul(angles.Cosines).add_(first.mul(angles.Sines), _scalars.One);
            x = torch.cat(2 * pairs < width ? [turned, turnedSecond, x.narrow(2, 2 * pairs, width - (2 * pairs))] : [turned, turnedSecond], 2);
        }

        return x.reshape(projected.shape[0], heads * width).to(type);
    }

    /// <summary>The norm in float32; <paramref name="x"/> itself where the model has no such norm.</summary>
    private torch.Tensor Norm(torch.Tensor x, torch.Tensor? weight)
    {
        if (weight is null)
        {
            return x;
        }

        x = x.to(torch.ScalarType.Float32);
        torch.Tensor scale = x.mul(x).mean([-1], keepdim: true).add_(_scalars.Epsilon, _scalars.One).rsqrt_();
        return x.mul(scale).mul_(weight);
    }

    private torch.Tensor Embed(int[] tokens, PlannedPass<CachedPrefix> pass)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor ids = HostTransfer.ToDevice(tokens, weights.TokenEmbedding.device);
        torch.Tensor rows = weights.TokenEmbedding.index_select(0, ids).to(torch.ScalarType.Float32);
        rows = config.EmbeddingScale == 1 ? rows : rows.mul_(_scalars.EmbeddingScale);
        if (pass.Prepending is { PlaceholderEmbedding: { Length: > 0 } placeholder })
        {
            torch.Tensor vector = HostTransfer.ToDevice(placeholder.ToArray(), rows.device, 1, placeholder.Length);
            rows = Replace(pass, torch.cat([rows, vector]), tokens.Length, _ => tokens.Length);
        }

        return rows.MoveToOuterDisposeScope();
    }

    /// <summary>The rows that enter a layer: with token prepending, the placeholders' are those of their prompts' last tokens.</summary>
    private static torch.Tensor Prepend(PlannedPass<CachedPrefix> pass, int index, torch.Tensor hidden) =>
        pass.Prepending?.Covers(index) == true ? Replace(pass, hidden, (int)hidden.shape[0], lastRow => lastRow) : hidden;

    /// <summary>The first rows, with others in the place of the placeholders'.</summary>
    private static torch.Tensor Replace(PlannedPass<CachedPrefix> pass, torch.Tensor rows, int count, Func<int, int> source)
    {
        int[] sources = [.. Enumerable.Range(0, count)];
        foreach ((int row, int lastRow) in pass.Placeholders)
        {
            sources[row] = source(lastRow);
        }

        return rows.index_select(0, HostTransfer.ToDevice(sources, rows.device));
    }

    private static torch.Tensor LastRows(torch.Tensor hidden, BatchLayout layout)
    {
        using torch.Tensor rows = HostTransfer.ToDevice(layout.LastRows, hidden.device);
        return hidden.index_select(0, rows);
    }
}
