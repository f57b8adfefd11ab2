namespace MetaEol.AspNetCore.Requests;

/// <summary>Why a request is not answered; each dialect has a status and a name of its own for it.</summary>
internal enum FailureKind
{
    /// <summary>A field is missing or wrong.</summary>
    Invalid,

    /// <summary>There is nothing to embed.</summary>
    Empty,

    /// <summary>The body has more bytes than are taken.</summary>
    TooLarge,

    /// <summary>No key, or a wrong one.</summary>
    Unauthorized,

    /// <summary>There is no model of that name.</summary>
    ModelNotFound,

    /// <summary>More waits than is allowed.</summary>
    Overloaded,

    /// <summary>The model cannot do that, or gave no usable result.</summary>
    Backend,

    /// <summary>The server cannot answer now: it stops, or it took too long.</summary>
    Unavailable,
}
