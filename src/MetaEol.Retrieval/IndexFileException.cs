namespace MetaEol.Retrieval;

/// <summary>A file cannot be used as an index: it is none, is of another version, or is damaged. The message says which, and what to do.</summary>
public class IndexFileException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with which file, and what to do.</param>
    /// <param name="innerException">What was found, or null.</param>
    public IndexFileException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
