namespace MetaEol.Retrieval.Splitting;

/// <summary>Estimates tokens where a generator does not tell its tokenizer: one for every three characters, which is more than most texts have.</summary>
internal sealed class CharacterMeasure : ITextMeasure
{
    private const int CharactersPerToken = 3;

    public int Count(string text) => (text.Length + CharactersPerToken - 1) / CharactersPerToken;

    public int Fit(string text, int length) => (int)Math.Min(text.Length, (long)length * CharactersPerToken);
}
