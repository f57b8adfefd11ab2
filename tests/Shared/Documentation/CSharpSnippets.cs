namespace MetaEol.Tests.Documentation;

/// <summary>
/// The C# of all pages, by who can compile it. A snippet needs nothing but the default solution, unless a comment on the line above says
/// <c>&lt;!-- snippet: needs PACKAGE --&gt;</c>, or it stands on the page of a package that is not in the default solution: such a package's tests compile it.
/// </summary>
internal static class CSharpSnippets
{
    private const string Needs = "needs ";

    /// <summary>The tests that compile what needs a package which not every feed has.</summary>
    public static IReadOnlyDictionary<string, string> SecondSolution { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["MetaEol.Extensions.TorchSharp"] = "tests/MetaEol.Extensions.TorchSharp.Tests",
        ["MetaEol.Extensions.SemanticKernel"] = "tests/MetaEol.Extensions.SemanticKernel.Tests",
        ["MetaEol.Extensions.MLTokenizers"] = "tests/MetaEol.Extensions.MLTokenizers.Tests",
        ["CommunityToolkit.VectorData.InMemory"] = "tests/UpstreamSamples.Tests",
        ["Microsoft.Extensions.AI.OpenAI"] = "tests/UpstreamSamples.Tests",
        ["OpenTelemetry.Extensions.Hosting"] = "tests/UpstreamSamples.Tests",
    };

    /// <summary>Page and line of the snippets that need nothing but the default solution.</summary>
    public static TheoryData<string, int> OfDefaultSolution() => Where(package => package is null);

    /// <summary>Page and line of the snippets that need one of some packages.</summary>
    public static TheoryData<string, int> Needing(params string[] packages) => Where(packages.Contains);

    /// <summary>The packages that snippets say they need.</summary>
    public static IEnumerable<string> Packages() => All().Select(snippet => Package(snippet.Page, snippet.Fence)).OfType<string>().Distinct();

    public static void AssertCompiles(string page, int line) => SnippetCompiler.AssertCompiles(page, MarkdownPage.Read(page).Fences.Single(fence => fence.Line == line));

    private static TheoryData<string, int> Where(Func<string?, bool> isWanted)
    {
        var places = new TheoryData<string, int>();
        foreach ((MarkdownPage page, Fence snippet) in All().Where(snippet => isWanted(Package(snippet.Page, snippet.Fence))))
        {
            places.Add(page.Path, snippet.Line);
        }

        return places;
    }

    private static IEnumerable<(MarkdownPage Page, Fence Fence)> All() => MarkdownPage.All.SelectMany(page => page.Fences.Where(fence => fence.Language == "csharp").Select(fence => (page, fence)));

    private static string? Package(MarkdownPage page, Fence snippet)
    {
        if (snippet.Note is { } note)
        {
            Assert.True(note.StartsWith(Needs, StringComparison.Ordinal), $"{page.Path}:{snippet.Line - 2}: the note is '{note}'; it must be '{Needs}PACKAGE'.");
            return note[Needs.Length..];
        }

        string[] parts = page.Path.Split('/');
        return parts is ["src", var project, ..] && SecondSolution.ContainsKey(project) ? project : null;
    }
}
