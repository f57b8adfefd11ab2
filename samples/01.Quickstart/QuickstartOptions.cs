namespace MetaEol.Samples.Quickstart;

/// <summary>What the command line asks for.</summary>
/// <param name="Questions">The questions to answer; where there are none, a few examples are answered and then, in a terminal, the user's own.</param>
/// <param name="Folder">The folder whose documents are read.</param>
/// <param name="Model">The model folder.</param>
/// <param name="Top">The number of passages shown for a question.</param>
internal sealed record QuickstartOptions(IReadOnlyList<string> Questions, string Folder, string Model, int Top)
{
    /// <summary>The documents that come with the quickstart.</summary>
    public static string BundledDocuments { get; } = Path.Combine(AppContext.BaseDirectory, "documents");

    /// <summary>The demo model that comes with the quickstart.</summary>
    public static string DemoModel { get; } = Path.Combine(AppContext.BaseDirectory, "models", "demo");
}
