namespace MetaEol.Cli.Hub;

/// <summary>A model cannot be downloaded; the message says why and what helps.</summary>
internal sealed class HubException(string message, Exception? innerException = null) : Exception(message, innerException);
