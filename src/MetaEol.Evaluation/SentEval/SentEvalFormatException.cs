namespace MetaEol.Evaluation.SentEval;

/// <summary>A file of a SentEval data folder is not in SentEval's layout.</summary>
/// <remarks>The message names the file, the line, and what is expected there.</remarks>
public sealed class SentEvalFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what is expected.</param>
    /// <param name="innerException">The cause, if another exception is.</param>
    public SentEvalFormatException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
