using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Planning;

/// <summary>The tokens of a prefix tree in depth-first order, one row each, with what attention needs to know of them.</summary>
/// <remarks>The rows that follow a row's token, itself included, are exactly those from the row to its end: row r sees key k if k ≤ r &lt; end of k.</remarks>
internal sealed class PlanRows
{
    public PlanRows(EncodePlan plan)
    {
        Count = plan.TokensComputed;
        Tokens = plan.Tokens.ToArray();
        Positions = new int[Count];
        Parents = new int[Count];
        Ends = new int[Count];
        RotaryKeys = new int[Count];
        ReadOnlySpan<Segment> segments = plan.Segments;
        foreach (ref readonly Segment segment in segments)
        {
            int parent = segment.Parent < 0 ? -1 : segments[segment.Parent].FirstRow + segments[segment.Parent].Length - 1;
            for (int i = 0; i < segment.Length; i++)
            {
                int row = segment.FirstRow + i;
                Positions[row] = segment.Position + i;
                Parents[row] = i == 0 ? parent : row - 1;
                Ends[row] = segment.EndRow;
                RotaryKeys[row] = segment.RotaryKey;
            }
        }
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Token id of each row.</summary>
    public int[] Tokens { get; }

    /// <summary>Position of each row in its prompts.</summary>
    public int[] Positions { get; }

    /// <summary>The row of the token before, or -1.</summary>
    public int[] Parents { get; }

    /// <summary>One past the last row that follows this row's token.</summary>
    public int[] Ends { get; }

    /// <summary>Rotary key of each row's prompts.</summary>
    public int[] RotaryKeys { get; }

    /// <summary>The rows from position 0 to <paramref name="row"/>, in order; none for -1.</summary>
    public int[] Path(int row)
    {
        var path = new int[row < 0 ? 0 : Positions[row] + 1];
        for (int i = path.Length - 1; i >= 0; i--)
        {
            path[i] = row;
            row = Parents[row];
        }

        return path;
    }
}
