using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>A token that is found in the text before the model sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The token as written.</param>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>What is looked for: the content, or its normalized form if <see cref="Normalized"/>.</summary>
    public string Pattern { get; init; } = Content;

    /// <summary>Whether it counts only where no word character touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the white space before it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether it takes the white space behind it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it is looked for in the normalized text.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it is a control token: plain text with <see cref="SpecialTokenHandling.PlainText"/>.</summary>
    public bool Special { get; init; }

    /// <summary>Adds the token and its flags to a hash.</summary>
    public void AppendTo(ContentHash hash)
    {
        hash.Append(Content);
        hash.Append([Id, SingleWord ? 1 : 0, StripLeft ? 1 : 0, StripRight ? 1 : 0, Normalized ? 1 : 0, Special ? 1 : 0]);
    }
}
