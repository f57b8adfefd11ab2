using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>Cosines and sines of the rotary position embedding for the rows of a pass.</summary>
internal static class RotaryAngles
{
    /// <summary>The tables of all rows, each <c>[rows × 1 × head_dim / 2]</c>, float32, computed in double.</summary>
    public static (torch.Tensor Cosines, torch.Tensor Sines) Create(LlamaConfig config, BatchLayout layout, torch.Device device)
    {
        int half = config.HeadDimension / 2;
        double amplitude = config.RopeScaling?.AttentionFactor ?? 1;
        var firstEntries = new Dictionary<int, int>();
        var cosines = new List<float>();
        var sines = new List<float>();
        foreach (IGrouping<int, int> positions in layout.Positions.Zip(layout.RotaryKeys).GroupBy(row => row.Second, row => row.First))
        {
            firstEntries.Add(positions.Key, cosines.Count / half);
            double[] frequencies = RotaryFrequencies.Compute(config, positions.Key);
            int last = positions.Max();
            for (int position = 0; position <= last; position++)
            {
                foreach (double frequency in frequencies)
                {
                    (double sine, double cosine) = Math.SinCos(position * frequency);
                    cosines.Add((float)(cosine * amplitude));
                    sines.Add((float)(sine * amplitude));
                }
            }
        }

        int[] entries = [.. layout.Positions.Zip(layout.RotaryKeys, (position, key) => firstEntries[key] + position)];
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = torch.tensor(entries, device: device);
        return (Rows(cosines).MoveToOuterDisposeScope(), Rows(sines).MoveToOuterDisposeScope());

        torch.Tensor Rows(List<float> table) => torch.tensor([.. table], [table.Count / half, 1, half], device: device).index_select(0, rows);
    }
}
