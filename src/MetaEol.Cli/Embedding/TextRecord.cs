namespace MetaEol.Cli.Embedding;

/// <summary>A text of the input, or what stands in the place of one that cannot be read.</summary>
internal sealed record TextRecord
{
    /// <summary>The name of the field that holds the text where the input gives it none.</summary>
    public const string DefaultField = "text";

    /// <summary>Its number in the input, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>Where it is, for people: <c>notes.txt, line 7</c>.</summary>
    public required string Source { get; init; }

    /// <summary>How much of the input lies before the next text, in the unit of <see cref="TextSource.Length"/>.</summary>
    public required long Position { get; init; }

    /// <summary>The text; empty where there is an <see cref="Error"/>.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>Why there is no text; null if there is one.</summary>
    public string? Error { get; init; }

    /// <summary>The file that it is, in a folder; else null.</summary>
    public string? File { get; init; }

    /// <summary>The line where it begins, from 1, in a file of many texts; else null.</summary>
    public int? Line { get; init; }

    /// <summary>All fields of its line, in order, that of the text included; none where the line is the text.</summary>
    public IReadOnlyList<TextField> Fields { get; init; } = [];

    /// <summary>Which of the fields holds the text.</summary>
    public string TextName { get; init; } = DefaultField;
}
