namespace MetaEol.Llama.Tokenization;

/// <summary><c>Metaspace</c>: spaces become ▁ (or another character), one is set before the text, and words begin there if <c>split</c> says so.</summary>
internal sealed class MetaspacePreTokenizer(string replacement, MetaspaceScheme scheme, bool split) : PreTokenizer
{
    private readonly SplitPreTokenizer? _split = split ? new(TextPattern.OfLiteral(replacement), SplitBehavior.MergedWithNext, false) : null;

    public override void Process(in TextPiece piece, PreTokenizerChain chain, int next, EncodeWorkspace workspace)
    {
        workspace.Budget.Spend(piece.Length + replacement.Length);
        string text = piece.Span.ToString().Replace(" ", replacement, StringComparison.Ordinal);

        // Nothing is set before a text that starts with the character already: " a" gets one ▁, not two.
        bool prepend = !text.StartsWith(replacement, StringComparison.Ordinal)
            && (scheme == MetaspaceScheme.Always || (scheme == MetaspaceScheme.First && piece.Leading > 0));
        int leading = piece.Leading == 0 ? 0 : piece.Leading + (prepend ? replacement.Length : 0);
        TextPiece spelled = TextPiece.Of(prepend ? replacement + text : text, leading);
        if (_split is null)
        {
            chain.Process(spelled, next, workspace);
        }
        else
        {
            _split.Process(spelled, chain, next, workspace);
        }
    }
}
