namespace MetaEol.Cli.Embedding;

/// <summary>What in an input is not text in the encoding that it was read with.</summary>
internal sealed class DecodingReport
{
    /// <summary>Texts with bytes that are nothing in the encoding, and were read as U+FFFD.</summary>
    public long Undecodable { get; private set; }

    /// <summary>Texts that hold zero characters, as if two bytes made a letter.</summary>
    public long WithZeros { get; private set; }

    /// <summary>Where the first of them is.</summary>
    public string? First { get; private set; }

    /// <summary>The encoding that was used.</summary>
    public string? Encoding { get; private set; }

    public void Note(string source, string encoding, bool undecodable, bool zeros)
    {
        if (undecodable || zeros)
        {
            First ??= source;
            Encoding ??= encoding;
            Undecodable += undecodable ? 1 : 0;
            WithZeros += zeros && !undecodable ? 1 : 0;
        }
    }

    /// <summary>A warning for people; null if there is nothing to warn of.</summary>
    public string? Warning()
    {
        string texts(long count) => count == 1 ? "1 text" : $"{count} texts";
        const string Hint = "--encoding names another one, such as windows-1252 or utf-16.";
        return Undecodable > 0 ? $"{texts(Undecodable)} had bytes that are not {Encoding} and were read as U+FFFD, the first in {First}; {Hint}"
            : WithZeros > 0 ? $"{texts(WithZeros)} had zero characters, the first in {First}, as text in another encoding than {Encoding} has; {Hint}"
            : null;
    }
}
