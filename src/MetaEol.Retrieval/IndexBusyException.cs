namespace MetaEol.Retrieval;

/// <summary>An index cannot be changed because another process, or another object of this one, is changing it. It can be searched meanwhile.</summary>
public sealed class IndexBusyException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which index, and who is changing it.</param>
    /// <param name="innerException">What was found, or null.</param>
    public IndexBusyException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
