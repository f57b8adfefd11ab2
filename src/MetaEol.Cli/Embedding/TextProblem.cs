namespace MetaEol.Cli.Embedding;

/// <summary>A text or passage that is not embedded as it stands in the input.</summary>
/// <param name="Record">The text.</param>
/// <param name="Passage">The passage; null if it is the whole text.</param>
/// <param name="Action">What was done.</param>
/// <param name="Reason">Why, as a sentence's end.</param>
/// <param name="Characters">Its length in UTF-16 units; 0 where it could not be read.</param>
/// <param name="Kept">How many of them are embedded.</param>
internal sealed record TextProblem(TextRecord Record, TextPassage? Passage, ProblemAction Action, string Reason, int Characters, int Kept)
{
    /// <summary>Where it is, for people.</summary>
    public string Source => Passage is null ? Record.Source : $"{Record.Source}, passage {Passage.Number + 1}";
}
