namespace MetaEol.Cli;

/// <summary>A command cannot be carried out; the message says why and what to do instead.</summary>
internal sealed class ToolException(string message, Exception? innerException = null) : Exception(message, innerException);
