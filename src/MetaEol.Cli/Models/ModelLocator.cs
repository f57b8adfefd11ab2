using MetaEol.Llama;

namespace MetaEol.Cli.Models;

/// <summary>Finds the folder of what <c>--model</c> names.</summary>
internal static class ModelLocator
{
    public const string EnvironmentVariable = "METAEOL_MODEL", DemoName = "demo";

    /// <summary>The demonstration model that comes with the tool.</summary>
    public static string DemoFolder => Path.Combine(AppContext.BaseDirectory, "models", DemoName);

    private static ModelLocation Demo => new(DemoFolder, DemoName);

    /// <exception cref="ToolException">No model is given.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model on this machine.</exception>
    public static ModelLocation Find(string? model, Terminal terminal)
    {
        model ??= Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } named ? named : null;
        if (model is null && Directory.Exists(DemoFolder))
        {
            terminal.Notice("No --model given: using the small demo model that comes with the tool. It is for trying things out; take a real LLaMA for real work.");
            return Demo;
        }

        if (model is null)
        {
            throw new ToolException($"No model given: write --model with a folder or the name of a downloaded model, or set {EnvironmentVariable}.");
        }

        if (model == DemoName && !Directory.Exists(model) && Directory.Exists(DemoFolder))
        {
            return Demo;
        }

        return ModelLocation.Find(model);
    }
}
