using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

/// <summary>
/// A backend whose "decoder" adds up: a token's key in a layer is a number of its own, and the state of a prompt is the sum of the keys on its path. A wrong, missing
/// or doubled token changes the sum.
/// </summary>
internal sealed class SumBackend : ArrayStore, IEncodeBackend<ArrayEntry>
{
    /// <summary>The passes that were begun.</summary>
    public List<PlannedPass<ArrayEntry>> Passes { get; } = [];

    /// <summary>Called before each layer of a pass.</summary>
    public Action<PlannedPass<ArrayEntry>> BeforeLayer { get; set; } = _ => { };

    /// <summary>What the states of a prompt at an index have to be.</summary>
    public static double Expected(ReadOnlySpan<int> prompt, int index)
    {
        double sum = 0;
        for (int position = 0; position < prompt.Length; position++)
        {
            sum += Key(index, prompt[position], position, KeyOf(prompt.Length));
        }

        return sum;
    }

    /// <summary>The rotary key of a prompt.</summary>
    public static int KeyOf(int promptLength) => promptLength > 30 ? promptLength : promptLength > 20 ? 1 : 0;

    public void Run(PlannedPass<ArrayEntry> pass)
    {
        Passes.Add(pass);
        for (int index = 0; index <= pass.Depth; index++)
        {
            BeforeLayer(pass);
            pass.Checkpoint();
            if (index < pass.Depth)
            {
                foreach (NewPrefix<ArrayEntry> prefix in pass.NewPrefixes)
                {
                    Fill(pass, index, prefix);
                }
            }

            if (pass.IsWanted(index))
            {
                // Keys of a layer that does not run are those that a decoder would compute for its output.
                pass.Store(index, [.. pass.Plan.PromptRows.ToArray().Select(row => (float)Sum(pass, index, row))]);
            }
        }
    }

    public bool IsOutOfMemory(Exception exception) => exception is InsufficientMemoryException;

    private static double Key(int layer, int token, int position, int rotaryKey) => (layer + 1) * (((token + 1) * (position + 1) * 3) + (rotaryKey * 7));

    private static void Fill(PlannedPass<ArrayEntry> pass, int layer, NewPrefix<ArrayEntry> prefix)
    {
        int position = 0;
        foreach ((int segment, int length) in prefix.Runs)
        {
            Assert.Equal(position, pass.Plan.Segments[segment].Position);
            for (int i = 0; i < length; i++)
            {
                prefix.Entry.Layers[layer][position++] = KeyAt(pass, layer, segment, i);
            }
        }

        Assert.Equal(prefix.Entry.Layers[layer].Length, position);
    }

    private static double Sum(PlannedPass<ArrayEntry> pass, int layer, int row)
    {
        ReadOnlySpan<Segment> segments = pass.Plan.Segments;
        double sum = 0;
        for (int s = 0; s < segments.Length; s++)
        {
            if (row < segments[s].FirstRow || row >= segments[s].EndRow)
            {
                continue;
            }

            for (int i = 0; i < segments[s].Length && (segments[s].IsCached || segments[s].FirstRow + i <= row); i++)
            {
                sum += KeyAt(pass, layer, s, i);
            }
        }

        return sum;
    }

    private static double KeyAt(PlannedPass<ArrayEntry> pass, int layer, int segment, int i)
    {
        Segment s = pass.Plan.Segments[segment];
        if (s.IsCached)
        {
            ArrayEntry entry = pass.CachedEntries[s.CacheEntry];
            Assert.False(entry.IsDisposed);

            // The layer above the deepest cached one: nothing is stored of it.
            return layer < entry.Layers.Length ? entry.Layers[layer][i] : entry.Layers[0][i] * (layer + 1);
        }

        return Key(layer, pass.Plan.Tokens[s.FirstRow + i], s.Position + i, s.RotaryKey);
    }
}
