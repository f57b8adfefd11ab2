namespace MetaEol.Cli.Display;

/// <summary>The reader of a pipe has gone, as <c>head</c> does: a reason to stop, but no error.</summary>
internal sealed class ClosedPipeException(string stream) : IOException($"nobody reads the {stream} stream any more.");
