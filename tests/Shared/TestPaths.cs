namespace MetaEol.Tests;

/// <summary>Where tests find the repository's data, and the optional third-party data beside the checkout.</summary>
internal static class TestPaths
{
    /// <summary>The repository's root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The bundled demo model.</summary>
    public static string DemoModel => Path.Combine(Root, "models", "demo");

    /// <summary>The seeded models with hidden states recorded from Hugging Face's modelling code.</summary>
    public static string Golden => Path.Combine(Root, "tests", "golden");

    /// <summary>Results of methods on those models, recorded in float64: logits, likelihoods, filters.</summary>
    public static string Methods => Path.Combine(Root, "tests", "methods");

    /// <summary>A folder of third-party data beside the checkout, which is never part of the repository: the test is skipped where it is missing.</summary>
    public static string SharedData(params string[] parts)
    {
        string path = Path.GetFullPath(Path.Combine([Root, "..", "shared", "data", .. parts]));
        Skip.IfNot(Path.Exists(path), $"Third-party test data not found at '{path}'; it is not part of the repository.");
        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MetaEol.Extensions.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No MetaEol.Extensions.sln above '{AppContext.BaseDirectory}'.");
    }
}
