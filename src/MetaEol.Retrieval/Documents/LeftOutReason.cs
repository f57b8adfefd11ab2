namespace MetaEol.Retrieval.Documents;

/// <summary>Why a file was not read.</summary>
public enum LeftOutReason
{
    /// <summary>Its name ends otherwise than in one of the endings that are read.</summary>
    Extension,

    /// <summary>The patterns of what to include and to exclude leave it out; a folder counts once.</summary>
    NotChosen,

    /// <summary>An ignore file or a name that begins with a dot leaves it out; a folder counts once.</summary>
    Ignored,

    /// <summary>It is a link; links are not followed.</summary>
    Link,

    /// <summary>It is empty, or no regular file.</summary>
    Empty,

    /// <summary>It holds more bytes than are read.</summary>
    TooLarge,

    /// <summary>It holds zero bytes, as no text does.</summary>
    Binary,

    /// <summary>It is neither UTF-8 nor begins with the mark of another Unicode encoding.</summary>
    Encoding,

    /// <summary>The system does not let it be read.</summary>
    Unreadable,
}
