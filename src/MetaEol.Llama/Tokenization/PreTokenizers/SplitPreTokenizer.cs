namespace MetaEol.Llama.Tokenization;

/// <summary>Splits at the matches of a pattern: <c>Split</c>, <c>Digits</c> and <c>Punctuation</c>.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
{
    public override void Process(in TextPiece piece, PreTokenizerChain chain, int next, EncodeWorkspace workspace)
    {
        List<PatternMatch> parts = workspace.RentMatches();
        pattern.FindAll(piece.Span, workspace.Matcher, parts);
        if (invert)
        {
            for (int i = 0; i < parts.Count; i++)
            {
                parts[i] = parts[i] with { IsMatch = !parts[i].IsMatch };
            }
        }

        Merge(parts, behavior);
        foreach (PatternMatch part in parts)
        {
            if (behavior != SplitBehavior.Removed || !part.IsMatch)
            {
                chain.Process(piece.Slice(part.Start, part.End), next, workspace);
            }
        }

        workspace.ReturnMatches(parts);
    }

    private static void Merge(List<PatternMatch> parts, SplitBehavior behavior)
    {
        if (behavior is SplitBehavior.Removed or SplitBehavior.Isolated)
        {
            return;
        }

        // One rule for all three, from the side that the merging goes to.
        bool backwards = behavior == SplitBehavior.MergedWithNext;
        if (backwards)
        {
            parts.Reverse();
        }

        int count = 0;
        bool previous = false;
        for (int i = 0; i < parts.Count; i++)
        {
            PatternMatch part = parts[i];
            bool join = behavior == SplitBehavior.Contiguous ? part.IsMatch == previous : part.IsMatch && !previous;
            previous = part.IsMatch;
            if (join && count > 0)
            {
                PatternMatch last = parts[count - 1];
                parts[count - 1] = backwards ? last with { Start = part.Start } : last with { End = part.End };
            }
            else
            {
                parts[count++] = part;
            }
        }

        parts.RemoveRange(count, parts.Count - count);
        if (backwards)
        {
            parts.Reverse();
        }
    }
}
