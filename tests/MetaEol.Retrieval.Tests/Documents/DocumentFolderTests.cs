using System.Text;
using MetaEol.Retrieval.Documents;
using MetaEol.Tests;

namespace MetaEol.Retrieval.Tests.Documents;

public sealed class DocumentFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_MarkdownAndText_AreReadInTheOrderOfTheirPaths()
    {
        _folder.Write("b.txt", "# two");
        _folder.Write("a/C.MD", "# heading\n\none");
        _folder.Write("c.markdown", "three");
        _folder.Write("d.cs", "class Four;");
        _folder.Write("LICENSE", "five");

        DocumentFolder folder = Read(out SearchDocument[] documents);

        Assert.Equal(["a/C.MD", "b.txt", "c.markdown"], documents.Select(document => document.Id));
        Assert.Equal([DocumentFormat.Markdown, DocumentFormat.PlainText, DocumentFormat.Markdown], documents.Select(document => document.Format));
        Assert.Equal([("LICENSE", LeftOutReason.Extension), ("d.cs", LeftOutReason.Extension)], folder.LeftOut.Select(file => (file.Path, file.Reason)));
        Assert.Contains(".cs", folder.LeftOut[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FilesThatAreNoText_AreLeftOutWithTheReason()
    {
        Bytes("binary.txt", [0x7F, 0x45, 0x4C, 0x46, 0, 0, 1, 2]);
        Bytes("latin1.txt", [.. "gr"u8, 0xF6, 0xDF, .. "er"u8]);
        _folder.Write("large.txt", new string('x', 200));
        _folder.Write("empty.md", string.Empty);
        _folder.Write("good.txt", "text");

        DocumentFolder folder = Read(out SearchDocument[] documents, new DocumentFolderOptions { MaxFileBytes = 100 });

        Assert.Equal("good.txt", Assert.Single(documents).Id);
        Assert.Equal(
            [("binary.txt", LeftOutReason.Binary), ("empty.md", LeftOutReason.Empty), ("large.txt", LeftOutReason.TooLarge), ("latin1.txt", LeftOutReason.Encoding)],
            folder.LeftOut.Select(file => (file.Path, file.Reason)));
        Assert.Contains("200 bytes; at most 100", folder.LeftOut[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void Read_UnicodeWithItsMark_IsUnderstood(string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        Bytes("a.txt", [.. encoding.Preamble, .. encoding.GetBytes("größer 😀")]);
        Read(out SearchDocument[] documents);
        Assert.Equal("größer 😀", Assert.Single(documents).Text);
    }

    [Fact]
    public void Read_IgnoredPlaces_AreLeftOut()
    {
        foreach (string path in new[] { "node_modules/a/README.md", ".git/description.txt", ".hidden.md", ".venv/x.txt", "build/out.md", "docs/draft.md", "docs/keep.md", "docs/deep/draft.md", "notes.md", "sub/.gitignore", "sub/local.md", "sub/other.md" })
        {
            _folder.Write(path, "text");
        }

        _folder.Write(".gitignore", "# built\n/build/\ndraft.md\n!docs/deep/draft.md\n");
        _folder.Write("sub/.gitignore", "/local.md\n");

        DocumentFolder folder = Read(out SearchDocument[] documents);
        Assert.Equal(["docs/deep/draft.md", "docs/keep.md", "notes.md", "sub/other.md"], documents.Select(document => document.Id));
        Assert.Contains(folder.LeftOut, file => file is { Path: "node_modules/", Reason: LeftOutReason.Ignored });
        Assert.Contains(folder.LeftOut, file => file is { Path: "docs/draft.md", Reason: LeftOutReason.Ignored });

        Read(out documents, new DocumentFolderOptions { UseIgnoreFiles = false });
        Assert.Equal(11, documents.Length);

        folder = Read(out documents, new DocumentFolderOptions { Include = ["docs"], Exclude = ["keep.md"] });
        Assert.Equal(["docs/deep/draft.md"], documents.Select(document => document.Id));
        Assert.Contains(folder.LeftOut, file => file is { Path: "docs/keep.md", Reason: LeftOutReason.NotChosen });
        Assert.Contains(folder.LeftOut, file => file is { Path: "notes.md", Reason: LeftOutReason.NotChosen });
        Assert.Contains(folder.LeftOut, file => file is { Path: "docs/draft.md", Reason: LeftOutReason.Ignored });
    }

    [Fact]
    public void Read_IncludeExcludeAndExtensions_Choose()
    {
        foreach (string path in new[] { "a.md", "a.cs", "docs/b.md", "docs/old/c.md", "docs/d.txt" })
        {
            _folder.Write(path, "text");
        }

        Assert.Equal(["docs/b.md", "docs/d.txt", "docs/old/c.md"], Ids(new DocumentFolderOptions { Include = ["docs/"] }));
        Assert.Equal(["a.md", "docs/b.md"], Ids(new DocumentFolderOptions { Include = ["*.md"], Exclude = ["old/"] }));
        Assert.Equal(["a.md", "docs/b.md", "docs/d.txt"], Ids(new DocumentFolderOptions { Exclude = ["docs/**/c.*"] }));
        Assert.Equal(["a.cs", "docs/d.txt"], Ids(new DocumentFolderOptions { Extensions = ["cs", ".TXT"] }));

        string[] Ids(DocumentFolderOptions options)
        {
            Read(out SearchDocument[] documents, options);
            return [.. documents.Select(document => document.Id)];
        }
    }

    [SkippableFact]
    public void Read_Links_AreNotFollowed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        _folder.Write("docs/a.md", "text");
        string outside = _folder.Write("outside/secret.md", "secret");
        File.CreateSymbolicLink(_folder["docs", "link.md"], outside);
        Directory.CreateSymbolicLink(_folder["docs", "loop"], _folder["docs"]);

        DocumentFolder folder = new(_folder["docs"]);
        Assert.Equal("a.md", Assert.Single(folder).Id);
        Assert.All(folder.LeftOut, file => Assert.Equal(LeftOutReason.Link, file.Reason));
        Assert.Equal(2, folder.LeftOut.Count);
    }

    [SkippableFact]
    public async Task Read_PipeWithATextFilesName_DoesNotWait()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Made with mkfifo.");
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start("mkfifo", _folder["pipe.md"]);
        await process.WaitForExitAsync();
        DocumentFolder folder = new(_folder.Path);
        await Task.Run(() => Assert.Empty(folder)).WaitAsync(Patience.Hang);
        Assert.Equal(LeftOutReason.Empty, Assert.Single(folder.LeftOut).Reason);
    }

    [Fact]
    public void Constructor_NoSuchFolderOrPattern_SaysSo()
    {
        Assert.Contains(_folder["none"], Assert.Throws<DirectoryNotFoundException>(() => new DocumentFolder(_folder["none"])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new DocumentFolder(_folder.Path, new DocumentFolderOptions { Extensions = [" "] }));
        Assert.Contains("[z-a]", Assert.Throws<ArgumentException>(() => new DocumentFolder(_folder.Path, new DocumentFolderOptions { Include = ["[z-a]"] })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.md", "a.md", true)]
    [InlineData("*.md", "x/a.md", true)]
    [InlineData("/*.md", "x/a.md", false)]
    [InlineData("x/*.md", "x/a.md", true)]
    [InlineData("x/*.md", "y/x/a.md", false)]
    [InlineData("**/x/*.md", "y/x/a.md", true)]
    [InlineData("x/**/a.md", "x/a.md", true)]
    [InlineData("x/**/a.md", "x/1/2/a.md", true)]
    [InlineData("x/**", "x/1/2", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[a-c].md", "b.md", true)]
    [InlineData("[!a-c].md", "b.md", false)]
    [InlineData("[!a-c].md", "z.md", true)]
    [InlineData("a.md", "aXmd", false)]
    [InlineData("**/a", "a", true)]
    [InlineData("**/a", "xa", false)]
    [InlineData("**/a", "x/ya", false)]
    [InlineData("x/**/b/**/c.md", "x/1/b/2/3/c.md", true)]
    [InlineData("x/**/b/**/c.md", "x/1/2/c.md", false)]
    [InlineData("*a*b*", "xaybz", true)]
    [InlineData("*a*b*", "xbya", false)]
    [InlineData("*a*b*", "xa/yb", false)]
    [InlineData("a**b", "a/x/b", true)]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("[a-c-e]", "d", false)]
    [InlineData("[!a]", "/", false)]
    [InlineData("[", "[", true)]
    public void Pattern_Path_MatchesAsInAGitignoreFile(string pattern, string path, bool expected) => Assert.Equal(expected, IgnorePattern.Parse(pattern)!.Matches(path, isFolder: false));

    [Theory]
    [InlineData("a*", 500, 1000, true)]
    [InlineData("a*", 500, 499, false)]
    [InlineData("*a", 500, 999, true)]
    [InlineData("*a?", 300, 599, false)]
    [InlineData("*b", 400, 4000, false)]
    [InlineData("*", 5000, 10, null)]
    [InlineData("[a-z]?", 170, 340, true)]
    [InlineData("[a-z]?", 170, 341, false)]
    public void Pattern_AsLongAsOneMayBe_IsReadAndALongerOneIsNot(string part, int times, int letters, bool? expected) =>
        Assert.Equal(expected, IgnorePattern.Parse(string.Concat(Enumerable.Repeat(part, times)))?.Matches(new string('a', letters), isFolder: false));

    private DocumentFolder Read(out SearchDocument[] documents, DocumentFolderOptions? options = null)
    {
        DocumentFolder folder = new(_folder.Path, options);
        documents = [.. folder];
        return folder;
    }

    private void Bytes(string name, byte[] bytes) => File.WriteAllBytes(_folder[name], bytes);
}
