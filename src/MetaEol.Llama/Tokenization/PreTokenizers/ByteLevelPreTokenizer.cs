namespace MetaEol.Llama.Tokenization;

/// <summary><c>ByteLevel</c>: splits as GPT-2 does, if asked to, and spells every byte of UTF-8 as a visible character.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useExpression) : PreTokenizer
{
    private const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly TextPattern? _pattern = useExpression ? TextPattern.OfExpression(Expression) : null;

    public override void Process(in TextPiece piece, PreTokenizerChain chain, int next, EncodeWorkspace workspace)
    {
        TextPiece text = piece;
        if (addPrefixSpace && piece.Span[0] != ' ')
        {
            workspace.Budget.Spend(piece.Length + 1);
            text = TextPiece.Of($" {piece.Span}", piece.Leading > 0 ? piece.Leading + 1 : 0);
        }

        if (_pattern is null)
        {
            Spell(text, chain, next, workspace);
            return;
        }

        List<PatternMatch> parts = workspace.RentMatches();
        _pattern.FindAll(text.Span, workspace.Matcher, parts);
        foreach (PatternMatch part in parts)
        {
            Spell(text.Slice(part.Start, part.End), chain, next, workspace);
        }

        workspace.ReturnMatches(parts);
    }

    private static void Spell(in TextPiece word, PreTokenizerChain chain, int next, EncodeWorkspace workspace)
    {
        if (chain.IsLast(next) && chain.Model.TakesBytes)
        {
            chain.Model.EncodeBytes(word.Span, workspace);
            return;
        }

        string spelled = ByteAlphabet.Spell(word.Span);
        workspace.Budget.Spend(spelled.Length);
        chain.Process(TextPiece.Of(spelled, word.Leading > 0 ? 1 : 0), next, workspace);
    }
}
