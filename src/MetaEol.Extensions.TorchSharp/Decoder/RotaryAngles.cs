using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>Cosines and sines of a rotary position embedding for the rows of a pass, each <c>[rows × 1 × rotated pairs]</c>, float32, computed in double.</summary>
internal sealed record RotaryAngles(torch.Tensor Cosines, torch.Tensor Sines)
{
    /// <summary>Number of rotated pairs.</summary>
    public long Pairs => Cosines.shape[2];

    /// <summary>The angles of all rows, in the current dispose scope.</summary>
    public static RotaryAngles Create(RotaryParameters rotary, BatchLayout layout, torch.Device device)
    {
        int pairs = rotary.Pairs;
        var firstEntries = new Dictionary<int, int>();
        var cosines = new List<float>();
        var sines = new List<float>();
        foreach (IGrouping<int, int> positions in layout.Positions.Zip(layout.RotaryKeys).GroupBy(row => row.Second, row => row.First))
        {
            firstEntries.Add(positions.Key, cosines.Count / pairs);
            double[] frequencies = RotaryFrequencies.Compute(rotary, positions.Key);
            int last = positions.Max();
            for (int position = 0; position <= last; position++)
            {
                foreach (double frequency in frequencies)
                {
                    (double sine, double cosine) = Math.SinCos(position * frequency);
                    cosines.Add((float)(cosine * rotary.Amplitude));
                    sines.Add((float)(sine * rotary.Amplitude));
                }
            }
        }

        int[] entries = [.. layout.Positions.Zip(layout.RotaryKeys, (position, key) => firstEntries[key] + position)];
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = HostTransfer.ToDevice(entries, device);
        return new RotaryAngles(Rows(cosines).MoveToOuterDisposeScope(), Rows(sines).MoveToOuterDisposeScope());

        torch.Tensor Rows(List<float> table) => HostTransfer.ToDevice([.. table], device, table.Count / pairs, 1, pairs).index_select(0, rows);
    }

    /// <summary>The angles of some of the rows, in the current dispose scope.</summary>
    public RotaryAngles Select(torch.Tensor rows) => new(Cosines.index_select(0, rows), Sines.index_select(0, rows));
}
