namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>A file in a folder of its own, deleted afterwards.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string name, byte[] content)
    {
        Folder = Directory.CreateTempSubdirectory("tokenizer-test-").FullName;
        Path = System.IO.Path.Combine(Folder, name);
        File.WriteAllBytes(Path, content);
    }

    public string Folder { get; }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
