namespace MetaEol.Extensions;

/// <summary>What happens to a text that has more tokens than <see cref="MetaEolOptions.MaxTextTokens"/>, or whose prompts do not fit the model's context.</summary>
public enum TextOverflow
{
    /// <summary>The call fails with an <see cref="ArgumentException"/> that names the text's index, its tokens and the limit.</summary>
    Error,

    /// <summary>The text is cut at its end, in its own tokens, until every prompt fits. A template is never cut.</summary>
    Truncate,
}
