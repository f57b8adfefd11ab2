using System.Diagnostics;
using MetaEol.Llama.Hub;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests;

public sealed class ModelLocationTests : IDisposable
{
    private static readonly string Commit = new('0', 40);

    private readonly TemporaryFolder _folder = new();
    private readonly HubCache _cache;

    public ModelLocationTests() => _cache = new HubCache(_folder.File("cache"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_Folder_IsNamedAfterIt()
    {
        Directory.CreateDirectory(_folder.File("small"));
        Assert.Equal(new ModelLocation(_folder.File("small"), "small"), ModelLocation.Find("small", _folder.Path, _cache));
        Assert.Equal(new ModelLocation(_folder.File("small") + Path.DirectorySeparatorChar, "small"), ModelLocation.Find(_folder.File("small") + "/", null, _cache));
    }

    [Theory]
    [InlineData("org/name", "main")]
    [InlineData("org/name@v1.0/beta", "v1.0/beta")]
    [InlineData("name", "main")]
    public void Find_DownloadedModel_IsTheSnapshotOfItsRevision(string name, string revision)
    {
        Download(name.Split('@')[0], revision, withWeights: true);
        ModelLocation found = ModelLocation.Find(name, _folder.Path, _cache);
        Assert.Equal((name, Commit), (found.Name, Path.GetFileName(found.Folder)));
        Assert.Equal(found.Folder, ModelLocation.Find($"{name.Split('@')[0]}@{Commit}", _folder.Path, _cache).Folder);
    }

    [Fact]
    public void Find_FolderAndDownloadedModelOfOneName_TakesTheFolder()
    {
        Download("org/name", "main", withWeights: true);
        Directory.CreateDirectory(_folder.File("org/name"));
        Assert.Equal(new ModelLocation(Path.GetFullPath(_folder.File("org/name")), "name"), ModelLocation.Find("org/name", _folder.Path, _cache));
    }

    [Fact]
    public void Find_Nothing_SaysWhereItWasLookedFor()
    {
        string message = Assert.Throws<DirectoryNotFoundException>(() => ModelLocation.Find("org/name", _folder.Path, _cache)).Message;
        Assert.Contains($"'{Path.GetFullPath(_folder.File("org/name"))}'", message, StringComparison.Ordinal);
        Assert.Contains($"'{_cache.Folder}'", message, StringComparison.Ordinal);
        Assert.EndsWith("metaeol pull org/name", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_HalfDownloaded_IsNone()
    {
        Download("org/name", "main", withWeights: false);
        Assert.Throws<DirectoryNotFoundException>(() => ModelLocation.Find("org/name", _folder.Path, _cache));
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("../org/name")]
    [InlineData("org/name@../../x")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Find_NeitherFolderNorName_Throws(string name) =>
        Assert.True(Record.Exception(() => ModelLocation.Find(name, _folder.Path, _cache)) is DirectoryNotFoundException or ArgumentException);

    [Fact]
    public void Find_ReferenceThatIsNoCommit_IsNone()
    {
        Download("org/name", "main", withWeights: true);
        File.WriteAllText(Path.Combine(_cache.Folder, "models--org--name", "refs", "main"), "../../../escape");
        Assert.Throws<DirectoryNotFoundException>(() => ModelLocation.Find("org/name", _folder.Path, _cache));
    }

    [Theory]
    [InlineData(0, "is empty")]
    [InlineData(1 << 20, "has 1048576 bytes; at most 1024 are read")]
    public void Find_ReferenceOfAnotherSize_SaysSo(int length, string message)
    {
        Download("org/name", "main", withWeights: true);
        File.WriteAllBytes(Path.Combine(_cache.Folder, "models--org--name", "refs", "main"), new byte[length]);
        Assert.Contains(message, Assert.Throws<InvalidModelException>(() => ModelLocation.Find("org/name", _folder.Path, _cache)).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("mkfifo")]
    [InlineData("ln", "-s", "/dev/zero")]
    public void Find_ReferenceThatIsNoRegularFile_DoesNotWait(params string[] make)
    {
        Skip.If(OperatingSystem.IsWindows(), "Pipes and devices are Unix's.");
        Download("org/name", "main", withWeights: true);
        string reference = Path.Combine(_cache.Folder, "models--org--name", "refs", "main");
        File.Delete(reference);
        using (Process process = Process.Start(make[0], [.. make[1..], reference]))
        {
            process.WaitForExit();
        }

        Assert.Contains("download the model again", TimeLimit.Throws(() => ModelLocation.Find("org/name", _folder.Path, _cache)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HF_HUB_CACHE=/a/b", "/a/b")]
    [InlineData("HF_HOME=/h", "/h/hub")]
    [InlineData("XDG_CACHE_HOME=/x", "/x/huggingface/hub")]
    [InlineData("HUGGINGFACE_HUB_CACHE=/old", "/old")]
    public void FromEnvironment_ReadsTheVariablesOfHuggingFace(string variable, string expected)
    {
        string[] parts = variable.Split('=');
        Assert.Equal(Path.GetFullPath(expected), HubCache.FromEnvironment(name => name == parts[0] ? parts[1] : null).Folder);
    }

    private void Download(string name, string revision, bool withWeights)
    {
        RepositoryId repository = RepositoryId.TryParse($"{name}@{revision}")!;
        string snapshot = _cache.SnapshotFolder(repository, Commit), reference = _cache.ReferencePath(repository);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
        File.WriteAllText(reference, Commit);
        if (withWeights)
        {
            File.WriteAllText(Path.Combine(snapshot, "model.safetensors"), "");
        }
    }
}
