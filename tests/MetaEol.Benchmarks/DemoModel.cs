namespace MetaEol.Benchmarks;

/// <summary>The bundled demo model.</summary>
public static class DemoModel
{
    /// <summary>Its folder in the repository.</summary>
    public static string Folder { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "models", "demo");
            if (File.Exists(Path.Combine(path, "config.json")))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException($"No models/demo above '{AppContext.BaseDirectory}': run the benchmarks from a clone of the repository.");
    }
}
