namespace MetaEol.Retrieval.Documents;

/// <summary>A file or folder that was not read.</summary>
/// <param name="Path">Its path relative to the folder, with forward slashes; a folder's ends with one.</param>
/// <param name="Reason">Why.</param>
/// <param name="Message">The same in words.</param>
public sealed record LeftOutFile(string Path, LeftOutReason Reason, string Message);
