using MetaEol.Cli.Hub;

namespace MetaEol.Cli.Models;

/// <summary>Finds the folder of what <c>--model</c> names.</summary>
internal static class ModelLocator
{
    public const string EnvironmentVariable = "METAEOL_MODEL", DemoName = "demo";

    /// <summary>The demonstration model that comes with the tool.</summary>
    public static string DemoFolder => Path.Combine(AppContext.BaseDirectory, "models", DemoName);

    /// <exception cref="ToolException">There is no such model on this machine.</exception>
    public static string Find(string? model, Terminal terminal)
    {
        model ??= Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } named ? named : null;
        if (model is null && Directory.Exists(DemoFolder))
        {
            terminal.Notice("No --model given: using the small demo model that comes with the tool. It is for trying things out; take a real LLaMA for real work.");
            return DemoFolder;
        }

        if (model is null)
        {
            throw new ToolException($"No model given: write --model with a folder or the name of a downloaded model, or set {EnvironmentVariable}.");
        }

        if (Directory.Exists(model))
        {
            return Path.GetFullPath(model);
        }

        if (model == DemoName && Directory.Exists(DemoFolder))
        {
            return DemoFolder;
        }

        return RepositoryId.TryParse(model) is not { } repository
            ? throw new ToolException($"There is no model folder '{Path.GetFullPath(model)}'.")
            : new HubCache(HubSettings.FromEnvironment().CacheFolder).Find(repository)
            ?? throw new ToolException($"There is neither a folder '{model}' nor a downloaded model of that name; download it with: metaeol pull {model}");
    }
}
