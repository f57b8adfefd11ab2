namespace MetaEol.Cli.Embedding;

/// <summary>What came through a pipe, kept in a temporary file, so that it can be read twice: once to check it, and once to embed it.</summary>
internal sealed class Spool : IDisposable
{
    private readonly FileStream _file;

    private Spool(FileStream file) => _file = file;

    public long Length => _file.Length;

    /// <summary>Reads a stream to its end. The wait for more of it can be cancelled, though the read itself cannot: its thread ends with the process.</summary>
    public static async Task<Spool> ReadAsync(Func<Stream> open, CancellationToken cancellationToken)
    {
        string path = Path.Combine(Path.GetTempPath(), $"metaeol-{Path.GetRandomFileName()}");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
        {
            // Nobody else is to read what somebody embeds.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream file = new(path, options);
        try
        {
            await Task.Run(
                () =>
                {
                    using Stream stream = open();
                    stream.CopyTo(file);
                    file.Flush();
                },
                CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Spool(file);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The same from the beginning.</summary>
    public Stream Open() => new FileStream(_file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public void Dispose() => _file.Dispose();
}
