using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>Weights that are huge, nearly nothing, infinite or not a number: a hidden state is right or an error, in every precision.</summary>
/// <remarks>An input is a list of changes of five bytes each: tensor, element (two), number of elements, value.</remarks>
internal sealed class WeightValuesTarget : FuzzTarget
{
    private const int ChangeLength = 5;
    private const int MostChanges = 40;
    private static readonly int[] Prompt = [0, 5, 17, 299];
    private static readonly ushort[] Values = [.. ((float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3e38f, -3e38f, 1e30f, 2e19f, 1e19f, 1e-38f, 1e-45f, 0, -0f, 1, -1, 60000, 1e10f]).Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];

    private readonly TemporaryFolder _folder = new();
    private byte[]? _file;
    private TensorInfo[] _tensors = [];
    private LlamaConfig? _config;

    public override string Name => "weight-values";

    protected override IReadOnlyList<IMutator> Mutators { get; } = [new ByteMutator([[0, 0, 0, 1, 12], [0, 0, 0, 16, 3, 5, 0, 4, 1, 8], [4, 0, 9, 2, 12, 7, 1, 0, 40, 10, 9, 0, 1, 1, 13]], ChangeLength * MostChanges)];

    public override void Run(byte[] input)
    {
        _file ??= Prepare();
        byte[] changed = [.. _file];
        bool hasNaN = false;
        for (int at = 0; at + ChangeLength <= input.Length; at += ChangeLength)
        {
            TensorInfo tensor = _tensors[input[at] % _tensors.Length];
            int elements = (int)tensor.ByteCount / 2;
            int first = ((input[at + 1] << 8) | input[at + 2]) % elements;
            int end = Math.Min(elements, first + Math.Max(1, (int)input[at + 3]));
            ushort value = Values[input[at + 4] % Values.Length];
            for (int element = first; element < end; element++)
            {
                BitConverter.TryWriteBytes(changed.AsSpan((int)tensor.Offset + (2 * element)), value);
            }
        }

        foreach (TensorInfo tensor in _tensors)
        {
            for (int element = 0; element < tensor.ByteCount / 2; element++)
            {
                // Of the embeddings only the prompt's rows are read.
                hasNaN |= Half(changed, tensor, element) && (!tensor.Name.Contains("embed", StringComparison.Ordinal) || Prompt.Contains(element / _config!.HiddenSize));
            }
        }

        File.WriteAllBytes(_folder.File("model.safetensors"), changed);
        using LlamaWeights weights = LlamaWeights.Load(_folder.Path, _config!);
        List<InvalidModelException> refusals = [];
        foreach (Precision precision in (Precision[])[Precision.Float32, Precision.Int8])
        {
            try
            {
                Encode(weights, precision);
                DifferenceException.Unless(!hasNaN, $"A weight is not a number, and {precision} gives a hidden state all the same.");
            }
            catch (InvalidModelException refusal)
            {
                refusals.Add(refusal);
            }
        }

        if (refusals.Count > 0)
        {
            throw refusals[0];
        }
    }

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static bool Half(byte[] file, TensorInfo tensor, int element) =>
        float.IsNaN(BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(file, (int)tensor.Offset + (2 * element)) << 16));

    private void Encode(LlamaWeights weights, Precision precision)
    {
        using var encoder = new CpuPromptEncoder(_config!, weights, new CpuEncoderOptions { Threads = 1, PrefixCacheBytes = 0, Precision = precision });
        float[] states = new float[_config!.HiddenSize];
        encoder.Encode([Prompt], [_config.LayerCount], states);
        DifferenceException.Unless(EncodeChecks.FindFault(states, _config.HiddenSize) < 0, $"A hidden state is zero or not finite in {precision}.");
    }

    private byte[] Prepare()
    {
        SmallModel.Llama.Write(_folder.Path);
        _config = LlamaConfig.Load(_folder.Path);
        string path = _folder.File("model.safetensors");
        using SafetensorsFile file = SafetensorsFile.Open(path);
        _tensors = [.. file.Tensors.Values.OrderBy(tensor => tensor.Offset)];
        return File.ReadAllBytes(path);
    }
}
