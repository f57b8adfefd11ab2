using System.Text;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>A safetensors file: its header, and every byte that it says a tensor has.</summary>
internal sealed class SafetensorsTarget : FuzzTarget
{
    private readonly TemporaryFolder _folder = new();

    public override string Name => "safetensors";

    protected override IReadOnlyList<IMutator> Mutators { get; } = [new SafetensorsMutator(Files()), new ByteMutator(Files())];

    public override unsafe void Run(byte[] input)
    {
        string path = _folder.File("model.safetensors");
        File.WriteAllBytes(path, input);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        byte sum = 0;
        foreach (TensorInfo tensor in file.Tensors.Values)
        {
            byte* start = file.GetPointer(tensor);
            for (long i = 0; i < tensor.ByteCount; i++)
            {
                sum ^= start[i];
            }
        }

        // What is in the file behind the header is what its tensors have, in any order.
        int data = 8 + (int)BitConverter.ToInt64(input);
        foreach (byte b in input.AsSpan(data))
        {
            sum ^= b;
        }

        DifferenceException.Unless(sum == 0, "A file's tensors are not its data.");
    }

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static byte[][] Files() => [Of(""), Of("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"__metadata__":{"format":"pt"}}"""), SmallModel.Weights(SmallModel.Llama)];

    private static byte[] Of(string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header.Length == 0 ? "{}" : header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[header.Length == 0 ? 0 : 32]];
    }
}
