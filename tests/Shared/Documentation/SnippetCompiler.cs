using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MetaEol.Tests.Documentation;

/// <summary>Compiles a page's C# against the assemblies of the running test, as top-level statements of a program.</summary>
internal static class SnippetCompiler
{
    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private static readonly Lazy<SyntaxTree> Context = new(() =>
        Parse(SnippetContext.Source(References.Value.Select(reference => Path.GetFileNameWithoutExtension(reference.Display!)).ToHashSet(StringComparer.Ordinal)), "context.cs"));

    /// <summary>Asserts that a snippet compiles without an error or a warning.</summary>
    /// <param name="page">The page it is of.</param>
    /// <param name="snippet">The snippet.</param>
    public static void AssertCompiles(string page, Fence snippet)
    {
        // A file that holds types and no statement is a library.
        SyntaxTree tree = Parse(snippet.Text, page);
        bool isProgram = tree.GetCompilationUnitRoot().Members.OfType<Microsoft.CodeAnalysis.CSharp.Syntax.GlobalStatementSyntax>().Any();
        var options = new CSharpCompilationOptions(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        CSharpCompilation compilation = CSharpCompilation.Create("Snippet", [tree, Context.Value], References.Value, options);
        string[] problems = [.. compilation.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && !IsAboutVersions(diagnostic))
            .Select(diagnostic => Describe(page, snippet, tree, diagnostic))];
        Assert.True(problems.Length == 0, $"The snippet does not compile:\n{string.Join('\n', problems)}");
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.CSharp14), path);

    /// <summary>Which version of an assembly another was built against says nothing about the snippet; MSBuild leaves these out, too.</summary>
    private static bool IsAboutVersions(Diagnostic diagnostic) => diagnostic.Id is "CS1701" or "CS1702";

    private static string Describe(string page, Fence snippet, SyntaxTree tree, Diagnostic diagnostic)
    {
        string place = diagnostic.Location.SourceTree == tree ? $"{page}:{snippet.Line + diagnostic.Location.GetLineSpan().StartLinePosition.Line}" : "SnippetContext";
        return $"{place}: {diagnostic.Id}: {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";
    }
}
