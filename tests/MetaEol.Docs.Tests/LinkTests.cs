using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

public class LinkTests
{
    public static TheoryData<string> Pages => [.. MarkdownPage.All.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void RelativeLinks_LeadToFilesAndAnchorsThatExist(string path)
    {
        MarkdownPage page = MarkdownPage.Read(path);
        List<string> broken = [];
        foreach ((int line, string target) in page.Links.Where(link => !IsAddress(link.Target)))
        {
            string[] parts = target.Split('#', 2);
            string linked = parts[0].Length == 0 ? path : Resolve(path, Uri.UnescapeDataString(parts[0]));
            string full = Path.Combine(TestPaths.Root, linked);
            if (!Path.Exists(full))
            {
                broken.Add($"{path}:{line}: {target} leads to {linked}, which does not exist.");
            }
            else if (parts.Length == 2 && !(linked.EndsWith(".md", StringComparison.Ordinal) && MarkdownPage.Read(linked).HasAnchor(parts[1])))
            {
                broken.Add($"{path}:{line}: {linked} has no anchor #{parts[1]}.");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    /// <summary>The page of a package is shown where none of the repository's other files is.</summary>
    [Fact]
    public void PagesOfPackages_HaveNoRelativeLinks()
    {
        string[] relative = [.. MarkdownPage.All.Where(page => page.Path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(page => page.Links.Where(link => !IsAddress(link.Target)).Select(link => $"{page.Path}:{link.Line}: {link.Target}"))];
        Assert.True(relative.Length == 0, string.Join('\n', relative));
    }

    [Fact]
    public void Index_LeadsToEveryPage()
    {
        string[] linked = [.. MarkdownPage.Read("docs/README.md").Links.Select(link => Resolve("docs/README.md", link.Target))];
        string[] pages = [.. MarkdownPage.All.Select(page => page.Path).Where(path => Path.GetDirectoryName(path) == "docs" && path != "docs/README.md")];
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.Contains(page, linked));
    }

    [Fact]
    public void AllPages_AreFound()
    {
        string[] paths = [.. MarkdownPage.All.Select(page => page.Path)];
        Assert.Contains("README.md", paths);
        Assert.Contains("docs/models.md", paths);
        Assert.Contains("docs/decisions/README.md", paths);
        Assert.Contains("src/MetaEol.Extensions/README.md", paths);
    }

    private static bool IsAddress(string target) => target.StartsWith("https://", StringComparison.Ordinal) || target.StartsWith("http://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);

    private static string Resolve(string page, string target)
    {
        string full = Path.GetFullPath(Path.Combine(TestPaths.Root, Path.GetDirectoryName(page)!, target));
        return Path.GetRelativePath(TestPaths.Root, full).Replace('\\', '/');
    }
}
