namespace MetaEol.Llama.Tokenization;

/// <summary>The part of a text in which special tokens are plain text.</summary>
/// <param name="Start">First index.</param>
/// <param name="End">Index behind the last; a range that ends where it starts has nothing in it.</param>
internal readonly record struct PlainRange(int Start, int End)
{
    /// <summary>No part.</summary>
    public static PlainRange None => default;

    /// <summary>The whole text, however long it becomes.</summary>
    public static PlainRange All => new(0, int.MaxValue);

    /// <summary>Whether it is some of the text, so that a change of the text moves it.</summary>
    public bool IsPart => Start < End && End != int.MaxValue;

    public bool Overlaps(int start, int end) => start < End && end > Start && Start < End;

    /// <summary>What of it lies in a part of the text, counted from the start of that.</summary>
    public PlainRange Within(int start, int end) => End == int.MaxValue ? this
        : Math.Max(Start, start) < Math.Min(End, end) ? new(Math.Max(Start, start) - start, Math.Min(End, end) - start)
        : None;

    /// <summary>The range in a text that has so many characters more, or less, before it.</summary>
    public PlainRange Shift(int count) => IsPart ? new(Math.Max(Start + count, 0), Math.Max(End + count, 0)) : this;
}
