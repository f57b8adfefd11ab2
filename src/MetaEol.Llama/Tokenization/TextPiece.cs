namespace MetaEol.Llama.Tokenization;

/// <summary>A part of a text on its way through normalizer and pre-tokenizers.</summary>
/// <param name="Text">The text it lies in.</param>
/// <param name="Start">First index.</param>
/// <param name="Length">Length in UTF-16 units.</param>
/// <param name="Leading">How many of its first units stem from the very start of the text that was given: Metaspace's scheme "first" asks for it.</param>
internal readonly record struct TextPiece(string Text, int Start, int Length, int Leading)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    /// <summary>A part of it.</summary>
    public TextPiece Slice(int start, int end) => new(Text, Start + start, end - start, Math.Clamp(Leading - start, 0, end - start));

    /// <summary>A part of the text that was given.</summary>
    public static TextPiece AtStart(string text, int start, int end) =>
        new(text, start, end - start, start > 0 ? 0 : char.IsHighSurrogate(text[0]) ? 2 : 1);

    /// <summary>A whole string, where the start of the text given counts <paramref name="leading"/> units.</summary>
    public static TextPiece Of(string text, int leading) => new(text, 0, text.Length, Math.Min(leading, text.Length));
}
