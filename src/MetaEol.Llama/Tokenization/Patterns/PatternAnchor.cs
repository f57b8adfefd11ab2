namespace MetaEol.Llama.Tokenization;

/// <summary>Positions that a pattern may ask for.</summary>
internal enum PatternAnchor
{
    /// <summary><c>^</c>: the start of the text or of a line.</summary>
    LineStart,

    /// <summary><c>$</c>: the end of the text or of a line.</summary>
    LineEnd,

    /// <summary><c>\A</c>.</summary>
    TextStart,

    /// <summary><c>\z</c>.</summary>
    TextEnd,

    /// <summary><c>\Z</c>: the end of the text, or before a line feed that ends it.</summary>
    TextEndOrLastLineFeed,

    /// <summary><c>\b</c>.</summary>
    WordBoundary,

    /// <summary><c>\B</c>.</summary>
    NoWordBoundary,
}
