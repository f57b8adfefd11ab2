namespace MetaEol.Llama;

/// <summary>A model folder cannot be used: a file is missing, damaged, inconsistent with the others, or asks for something that is not supported.</summary>
/// <remarks>The message names the file, the offending value and what would be accepted.</remarks>
public sealed class InvalidModelException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what would be accepted.</param>
    /// <param name="innerException">The cause, if another exception is.</param>
    public InvalidModelException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
