namespace MetaEol.Cli.Hub;

/// <summary>A downloaded model.</summary>
/// <param name="Folder">The snapshot's folder.</param>
/// <param name="Commit">The commit it is of.</param>
/// <param name="Files">Its files.</param>
/// <param name="DownloadedBytes">Bytes that came over the network; the rest was in the cache.</param>
internal sealed record PulledModel(string Folder, string Commit, IReadOnlyList<HubFile> Files, long DownloadedBytes);
