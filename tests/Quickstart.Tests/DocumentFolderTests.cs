using System.Text;

namespace MetaEol.Samples.Quickstart.Tests;

public sealed class DocumentFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _skipped = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_MarkdownAndText_AreReadInTheOrderOfTheirPaths()
    {
        _folder.Write("b.txt", "# two");
        _folder.Write("a/C.MD", "# heading\n\none");
        _folder.Write("c.markdown", "three");
        _folder.Write("d.cs", "class Four;");

        IReadOnlyList<Document> documents = Read();

        Assert.Equal(["a/C.MD", "b.txt", "c.markdown"], documents.Select(document => document.File));
        Assert.Equal(["one", "# two", "three"], documents.SelectMany(document => document.Paragraphs));
        Assert.Empty(_skipped);
    }

    [Fact]
    public void Read_BinaryFile_IsLeftOutAndReported()
    {
        _folder.Write("a.txt", [0x7F, 0x45, 0x4C, 0x46, 0, 0, 1, 2]);
        _folder.Write("b.txt", "text");

        Assert.Equal("b.txt", Assert.Single(Read()).File);
        Assert.Equal("a.txt", Assert.Single(_skipped));
    }

    [Fact]
    public void Read_EmptyFiles_GiveNoDocument()
    {
        _folder.Write("a.txt", " \n ");
        _folder.Write("b.md", "");

        Assert.Empty(Read());
    }

    [Fact]
    public void Read_OtherEncodingWithByteOrderMark_IsUnderstood()
    {
        _folder.Write("a.txt", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("größer")]);

        Assert.Equal("größer", Assert.Single(Assert.Single(Read()).Paragraphs));
    }

    [Fact]
    public void Read_NoSuchFolder_ThrowsWithItsName()
    {
        string folder = Path.Combine(_folder.FullName, "missing");

        DirectoryNotFoundException exception = Assert.Throws<DirectoryNotFoundException>(() => DocumentFolder.Read(folder, (_, _) => { }));

        Assert.Contains(folder, exception.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<Document> Read() => DocumentFolder.Read(_folder.FullName, (file, _) => _skipped.Add(file));
}
