using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

public class FenceTests
{
    /// <summary>Languages that another test reads, or that hold nothing to check but what a reader sees.</summary>
    private static readonly string[] Known = ["csharp", "json", "bash", "text", "mermaid", "dockerfile", "python", "xml"];

    public static TheoryData<string> Pages => [.. MarkdownPage.All.Select(page => page.Path)];

    /// <summary>A block without a language would be passed over by every other test.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Fences_NameALanguageThatIsKnown(string path)
    {
        string[] unknown = [.. MarkdownPage.Read(path).Fences.Where(fence => !Known.Contains(fence.Language))
            .Select(fence => $"{path}:{fence.Line - 1}: '{fence.Language}'; known are {string.Join(", ", Known)}.")];
        Assert.True(unknown.Length == 0, string.Join('\n', unknown));
    }

    /// <summary>What is typed is held against the tool; so it must not hide in a block of results.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Notes_StandAboveCSharpOnly(string path) =>
        Assert.All(MarkdownPage.Read(path).Fences.Where(fence => fence.Note is not null), fence => Assert.Equal("csharp", fence.Language));
}
