namespace MetaEol.Evaluation.Tests;

/// <summary>A folder that is deleted with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("metaeol-evaluation-").FullName;

    public void Write(string relativePath, string content, System.Text.Encoding? encoding = null)
    {
        string path = System.IO.Path.Combine(Path, relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, encoding ?? new System.Text.UTF8Encoding(false));
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
