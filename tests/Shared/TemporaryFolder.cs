namespace MetaEol.Tests;

/// <summary>A new folder under the system's temporary folder, deleted with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("metaeol-").FullName;

    /// <summary>Full path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Full path of a file or folder in the folder.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a text file, in UTF-8 without a mark unless told otherwise, and the folders it lies in; gives its full path.</summary>
    public string Write(string relativePath, string content, System.Text.Encoding? encoding = null)
    {
        string path = this[relativePath];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content, encoding ?? new System.Text.UTF8Encoding(false));
        return path;
    }

    /// <summary>Copies the files of another folder into this one.</summary>
    public TemporaryFolder CopyFrom(string folder)
    {
        foreach (string file in Directory.GetFiles(folder))
        {
            System.IO.File.Copy(file, File(System.IO.Path.GetFileName(file)), overwrite: true);
        }

        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
