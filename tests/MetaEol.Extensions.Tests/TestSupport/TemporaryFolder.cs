namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>A folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("metaeol-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
