namespace MetaEol.Cli.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">The file.</param>
/// <param name="Done">Bytes of it that are there.</param>
/// <param name="Size">Its size in bytes.</param>
internal readonly record struct PullProgress(string File, long Done, long Size);
