using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>The forward pass of the decoder on libtorch, for the rows of a prefix tree.</summary>
/// <remarks>
/// Products and attention are computed in the number type of the weights, everything else in float32. Shapes are checked by construction, not by libtorch:
/// <c>Tensor.matmul</c> would end the process where one is wrong, so that only functions are used that TorchSharp catches errors of.
/// </remarks>
internal sealed class TorchDecoder(LlamaConfig config, DeviceWeights weights, torch.ScalarType type) : IDisposable
{
    private readonly int _queryWidth = config.AttentionHeads * config.HeadDimension;
    private readonly int _keyValueWidth = config.KeyValueHeads * config.HeadDimension;

    /// <summary>Runs a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <returns>For each wanted index into <c>hidden_states</c> the prompts' states, <c>[prompts × hidden]</c>, float32, in the current dispose scope.</returns>
    public IReadOnlyList<(int Index, torch.Tensor States)> Run(PlannedPass<CachedPrefix> pass)
    {
        var layout = new BatchLayout(pass);
        int depth = pass.Depth;
        Dictionary<torch.Device, BatchTensors> onDevice = weights.Layers.Take(depth).Select(layer => layer.Device).Distinct()
            .ToDictionary(device => device, device => new BatchTensors(config, layout, device));
        torch.Tensor hidden = Embed(layout.Tokens);
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
            torch.Tensor next = RunLayer(layer, index, hidden.to(layer.Device), onDevice[layer.Device], layout, isLast: index == depth - 1, layout.NewPrefixes);
            hidden.Dispose();
            hidden = next.MoveToOuterDisposeScope();
        }

        // Behind the last layer that runs only the last rows are left.
        torch.Tensor last = depth == 0 ? LastRows(hidden, layout) : hidden;
        states.Add((depth, depth == config.LayerCount ? Norm(last.to(weights.FinalNorm.device), weights.FinalNorm) : last));
        return states;
    }

    public void Dispose() => weights.Dispose();

    private torch.Tensor RunLayer(
        DeviceLayer layer, int index, torch.Tensor hidden, BatchTensors batch, BatchLayout layout, bool isLast, IReadOnlyList<(CachedPrefix Entry, int[] Slots)> newPrefixes)
    {
        // Keys and values are needed of all rows; in the last layer everything else only of the prompts' last tokens.
        torch.Tensor input = Norm(hidden, layer.InputNorm).to(type);
        torch.Tensor keyValue = Project(input, layer.QueryKeyValue, layer.QueryKeyValueBias, _queryWidth, 2 * _keyValueWidth);
        torch.Tensor keys = Rotate(keyValue.narrow(1, 0, _keyValueWidth), config.KeyValueHeads, layer.KeyNorm, batch.Cosines, batch.Sines);
        torch.Tensor values = keyValue.narrow(1, _keyValueWidth, _keyValueWidth);
        keys = torch.cat([.. layout.Prefixes.Select(prefix => prefix.Keys[index]), keys]);
        values = torch.cat([.. layout.Prefixes.Select(prefix => prefix.Values[index]), values]);
        foreach ((CachedPrefix entry, int[] slots) in newPrefixes)
        {
            torch.Tensor chosen = torch.tensor(slots, device: layer.Device);
            entry.Append(keys.index_select(0, chosen), values.index_select(0, chosen));
        }

        torch.Tensor cosines = batch.Cosines;
        torch.Tensor sines = batch.Sines;
        if (isLast)
        {
            hidden = hidden.index_select(0, batch.LastRows);
            input = input.index_select(0, batch.LastRows);
            cosines = cosines.index_select(0, batch.LastRows);
            sines = sines.index_select(0, batch.LastRows);
        }

        torch.Tensor queries = Rotate(Project(input, layer.QueryKeyValue, layer.QueryKeyValueBias, 0, _queryWidth), config.AttentionHeads, layer.QueryNorm, cosines, sines);
        torch.Tensor attended = isLast
            ? Attend(queries, keys, values, batch.LastGroups, batch.LastPlaces, layer.Window)
            : Attend(queries, keys, values, batch.AllGroups, batch.AllPlaces, layer.Window);
        hidden = hidden.add(torch.nn.functional.linear(attended, layer.AttentionOutput, layer.AttentionOutputBias));

        torch.Tensor gateUp = torch.nn.functional.linear(Norm(hidden, layer.PostAttentionNorm).to(type), layer.GateUp, layer.GateUpBias);
        torch.Tensor gated = gateUp.narrow(1, 0, config.IntermediateSize).silu().mul_(gateUp.narrow(1, config.IntermediateSize, config.IntermediateSize));
        return hidden.add_(torch.nn.functional.linear(gated, layer.Down, layer.DownBias));
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
            torch.Tensor output = torch.nn.functional.scaled_dot_product_attention(query, key, value, group.Mask(window));
            outputs[i] = output.reshape(group.Blocks, kvHeads, headsPerGroup, group.Rows, width)
                .permute(0, 3, 1, 2, 4).reshape((long)group.Blocks * group.Rows, _queryWidth);
        }

        return torch.cat(outputs).index_select(0, places);
    }

    /// <summary>Norms the heads where the model does, then turns each pair (i, i + head_dim / 2) by its row's angle.</summary>
    private torch.Tensor Rotate(torch.Tensor projected, int heads, torch.Tensor? norm, torch.Tensor cosines, torch.Tensor sines)
    {
        int half = config.HeadDimension / 2;
        torch.Tensor x = projected.to(torch.ScalarType.Float32).reshape(projected.shape[0], heads, config.HeadDimension);
        x = norm is null ? x : Norm(x, norm);
        torch.Tensor first = x.narrow(2, 0, half);
        torch.Tensor second = x.narrow(2, half, half);
        torch.Tensor rotated = torch.cat([first.mul(cosines).sub_(second.mul(sines)), second.mul(cosines).add_(first.mul(sines))], 2);
        return rotated.reshape(projected.shape[0], (long)heads * config.HeadDimension).to(type);
    }

    private torch.Tensor Norm(torch.Tensor x, torch.Tensor weight)
    {
        torch.Tensor scale = x.mul(x).mean([-1], keepdim: true).add_(config.RmsNormEpsilon).rsqrt_();
        return x.mul(scale).mul_(weight);
    }

    /// <summary>Some of the outputs of a fused projection.</summary>
    private static torch.Tensor Project(torch.Tensor input, torch.Tensor matrix, torch.Tensor? bias, int first, int count) =>
        torch.nn.functional.linear(input, matrix.narrow(0, first, count), bias?.narrow(0, first, count));

    private torch.Tensor Embed(int[] tokens)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor ids = torch.tensor(tokens, device: weights.TokenEmbedding.device);
        return weights.TokenEmbedding.index_select(0, ids).to(torch.ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private static torch.Tensor LastRows(torch.Tensor hidden, BatchLayout layout)
    {
        using torch.Tensor rows = torch.tensor(layout.LastRows, device: hidden.device);
        return hidden.index_select(0, rows);
    }
}
