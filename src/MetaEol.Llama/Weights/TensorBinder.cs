using MetaEol.Llama.Configuration;
using MetaEol.Llama.ModelFiles;


namespace MetaEol.Llama.Weights;

/// <summary>Finds the tensors that a configuration calls for and checks their shapes and number types.</summary>
internal sealed unsafe class TensorBinder(WeightFiles files)
{
    private const string Int8Type = "U8";

    private readonly List<(WeightMatrix Matrix, TensorInfo Tensor, SafetensorsFile File)> _matrices = [];
    private readonly List<TensorSource> _sources = [];

    /// <summary>The matrices read so far, with their names.</summary>
    public IReadOnlyList<(WeightMatrix Matrix, TensorInfo Tensor, SafetensorsFile File)> Matrices => _matrices;

    /// <summary>All tensors read so far.</summary>
    public IReadOnlyList<TensorSource> Sources => _sources;

    /// <summary>A matrix where it lies.</summary>
    public WeightMatrix Matrix(string name, int rows, int columns)
    {
        WeightMatrix matrix = Find(name, rows, columns, out SafetensorsFile file, out TensorInfo tensor);
        _sources.Add(new TensorSource(name, file, tensor, null));
        return matrix;
    }

    /// <summary>The token embedding, and the output head if there is one. Tied weights may be saved under either name.</summary>
    public (WeightMatrix Embedding, WeightMatrix? Head) EmbeddingAndHead(LlamaConfig config)
    {
        const string EmbeddingName = "model.embed_tokens.weight", HeadName = "lm_head.weight";
        if (config.TieWordEmbeddings)
        {
            string name = !files.TryFind(EmbeddingName, out _, out _) && files.TryFind(HeadName, out _, out _) ? HeadName : EmbeddingName;
            WeightMatrix tied = Matrix(name, config.VocabularySize, config.HiddenSize);
            return (tied, tied);
        }

        WeightMatrix embedding = Matrix(EmbeddingName, config.VocabularySize, config.HiddenSize);
        WeightMatrix? head = files.TryFind(HeadName, out _, out _) ? Matrix(HeadName, config.VocabularySize, config.HiddenSize) : null;
        return (embedding, head);
    }

    /// <summary>One layer.</summary>
    public LayerWeights Layer(int index, LlamaConfig config)
    {
        string layer = $"model.layers.{index}.", attention = layer + "self_attn.", mlp = layer + "mlp.";
        int hidden = config.HiddenSize, intermediate = config.IntermediateSize;
        int queries = config.AttentionHeads * config.HeadDimension, keys = config.KeyValueHeads * config.HeadDimension;
        bool before = config.NormPlacement != NormPlacement.After, after = config.NormPlacement != NormPlacement.Before;
        bool headNorm = config.QueryKeyNorm != QueryKeyNorm.None, fullWidth = config.QueryKeyNorm == QueryKeyNorm.FullWidth;
        WeightMatrix[] queryKeyValue = Projections(config.FusedProjections, attention, "qkv_proj", [("q_proj", queries), ("k_proj", keys), ("v_proj", keys)], hidden);
        WeightMatrix[] gateUp = Projections(config.FusedProjections, mlp, "gate_up_proj", [("gate_proj", intermediate), ("up_proj", intermediate)], hidden);
        return new LayerWeights
        {
            BeforeAttentionNorm = NormIf(before, $"{layer}input_layernorm.weight", hidden, config),
            AfterAttentionNorm = NormIf(after, $"{layer}post_attention_layernorm.weight", hidden, config),

            // The oldest layout has two norms only, and names the second one after the block before it.
            BeforeMlpNorm = NormIf(before, $"{layer}{(after ? "pre_feedforward_layernorm" : "post_attention_layernorm")}.weight", hidden, config),
            AfterMlpNorm = NormIf(after, $"{layer}post_feedforward_layernorm.weight", hidden, config),
            Query = queryKeyValue[0],
            Key = queryKeyValue[1],
            Value = queryKeyValue[2],
            AttentionOutput = Projection($"{attention}o_proj.weight", hidden, queries),
            QueryBias = VectorIf(config.QueryKeyValueBias, $"{attention}q_proj.bias", queries),
            KeyBias = VectorIf(config.QueryKeyValueBias, $"{attention}k_proj.bias", keys),
            ValueBias = VectorIf(config.QueryKeyValueBias, $"{attention}v_proj.bias", keys),
            AttentionOutputBias = VectorIf(config.AttentionOutputBias, $"{attention}o_proj.bias", hidden),
            QueryNorm = NormIf(headNorm, $"{attention}q_norm.weight", fullWidth ? queries : config.HeadDimension, config),
            KeyNorm = NormIf(headNorm, $"{attention}k_norm.weight", fullWidth ? keys : config.HeadDimension, config),
            Gate = gateUp[0],
            Up = gateUp[1],
            Down = Projection($"{mlp}down_proj.weight", hidden, intermediate),
            GateBias = VectorIf(config.MlpBias, $"{mlp}gate_proj.bias", intermediate),
            UpBias = VectorIf(config.MlpBias, $"{mlp}up_proj.bias", intermediate),
            DownBias = VectorIf(config.MlpBias, $"{mlp}down_proj.bias", hidden),
        };
    }

    /// <summary>A norm's weight, widened to float32, with what the model adds to it.</summary>
    public float[] Norm(string name, int length, LlamaConfig config)
    {
        float[] weight = Vector(name, length);
        for (int i = 0; i < weight.Length && config.NormOffset != 0; i++)
        {
            weight[i] += config.NormOffset;
        }

        return weight;
    }

    /// <summary>A norm or bias as stored, widened to float32; every value is finite.</summary>
    private float[] Vector(string name, int length)
    {
        (SafetensorsFile file, TensorInfo tensor) = files.Find(name);
        WeightType type = Check(file, tensor, [length]);
        _sources.Add(new TensorSource(name, file, tensor, null));
        float[] values = new float[length];
        new WeightMatrix(file.GetPointer(tensor), type, 1, length).ReadRow(0, values);
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new InvalidModelException($"'{file.Path}': tensor '{tensor.Name}' holds {WeightScan.Describe(values[i])} at [{i}]; expected finite numbers.");
            }
        }

        return values;
    }

    private float[]? VectorIf(bool present, string name, int length) => present ? Vector(name, length) : null;

    private float[]? NormIf(bool present, string name, int length, LlamaConfig config) => present ? Norm(name, length, config) : null;

    /// <summary>Projections of the same input: tensors of their own, or rows of one.</summary>
    private WeightMatrix[] Projections(bool fused, string block, string fusedName, (string Name, int Rows)[] parts, int columns)
    {
        // A quantized model has them apart, however the model that it was made of had them.
        if (!fused || (files.TryFind($"{block}{parts[0].Name}.weight", out _, out TensorInfo first) && first.DataType == Int8Type))
        {
            return Array.ConvertAll(parts, part => Projection($"{block}{part.Name}.weight", part.Rows, columns));
        }

        WeightMatrix whole = Find($"{block}{fusedName}.weight", parts.Sum(part => part.Rows), columns, out SafetensorsFile file, out TensorInfo tensor);
        int firstRow = 0;
        return Array.ConvertAll(parts, part =>
        {
            WeightMatrix matrix = whole.Slice((firstRow += part.Rows) - part.Rows, part.Rows);
            _sources.Add(new TensorSource($"{block}{part.Name}.weight", file, tensor, matrix));
            return matrix;
        });
    }

    /// <summary>A matrix that a product multiplies with, and which therefore may be stored in 8 bits.</summary>
    private WeightMatrix Projection(string name, int rows, int columns)
    {
        (SafetensorsFile file, TensorInfo tensor) = files.Find(name);
        WeightMatrix matrix;
        if (tensor.DataType == Int8Type && file.Metadata.TryGetValue(QuantizedFormat.MetadataKey, out string? format))
        {
            matrix = Int8(name, file, tensor, format, rows, columns);
            _matrices.Add((matrix, tensor, file));
        }
        else
        {
            matrix = Find(name, rows, columns, out file, out tensor);
        }

        _sources.Add(new TensorSource(name, file, tensor, matrix));
        return matrix;
    }

    private WeightMatrix Int8(string name, SafetensorsFile file, TensorInfo tensor, string format, int rows, int columns)
    {
        if (format != QuantizedFormat.Version)
        {
            throw new InvalidModelException(
                $"'{file.Path}' has 8-bit weights of the format {ModelFile.Quote(format)}; this version reads '{QuantizedFormat.Version}'. Quantize the model again.");
        }

        CheckShape(file, tensor, QuantizedFormat.NumberShape(rows, columns));
        (SafetensorsFile scaleFile, TensorInfo scales) = files.Find(name + QuantizedFormat.ScaleSuffix);
        CheckShape(scaleFile, scales, QuantizedFormat.ScaleShape(rows, columns));
        return scales.DataType == "F32"
            ? new WeightMatrix(file.GetPointer(tensor), (float*)scaleFile.GetPointer(scales), rows, columns)
            : throw new InvalidModelException($"'{scaleFile.Path}': tensor {ModelFile.Quote(scales.Name)} has dtype {scales.DataType}; expected F32, the type of scales.");
    }

    private WeightMatrix Find(string name, int rows, int columns, out SafetensorsFile file, out TensorInfo tensor)
    {
        (file, tensor) = files.Find(name);
        WeightType type = Check(file, tensor, [rows, columns]);
        var matrix = new WeightMatrix(file.GetPointer(tensor), type, rows, columns);
        _matrices.Add((matrix, tensor, file));
        return matrix;
    }

    private static void CheckShape(SafetensorsFile file, TensorInfo tensor, ReadOnlySpan<int> shape)
    {
        bool same = tensor.Shape.Count == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
        {
            same = tensor.Shape[i] == shape[i];
        }

        if (!same)
        {
            throw new InvalidModelException(
                $"'{file.Path}': tensor {ModelFile.Quote(tensor.Name)} has shape [{string.Join(", ", tensor.Shape)}]; config.json calls for [{string.Join(", ", shape.ToArray())}].");
        }

    }

    private static WeightType Check(SafetensorsFile file, TensorInfo tensor, ReadOnlySpan<int> shape)
    {
        CheckShape(file, tensor, shape);
        return tensor.DataType switch
        {
            "F32" => WeightType.Float32,
            "F16" => WeightType.Float16,
            "BF16" => WeightType.BFloat16,
            _ => throw new InvalidModelException(
                $"'{file.Path}': tensor {ModelFile.Quote(tensor.Name)} has dtype {tensor.DataType}, which is not supported; expected F32, F16 or BF16."),
        };
    }
}
