namespace MetaEol.Evaluation.Retrieval;

/// <summary>A retrieval collection cannot be read; the message names file and line.</summary>
public sealed class RetrievalFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong where, and what is expected.</param>
    /// <param name="innerException">What was found, or null.</param>
    public RetrievalFormatException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
