using System.Text.Json;

namespace MetaEol.Cli.Embedding;

/// <summary>What an unfinished output was made from, kept beside it; only the same again can go on with it.</summary>
/// <param name="Generator">Fingerprint of model, templates, layer and options.</param>
/// <param name="Input">Identity of the input.</param>
/// <param name="Format">Format of the output.</param>
/// <param name="BatchSize">Texts per batch.</param>
internal sealed record EmbedState(string Generator, string Input, OutputFormat Format, int BatchSize)
{
    public static EmbedState? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<EmbedState>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(string path)
    {
        string temporary = $"{path}.new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>What differs from another run, for people; empty if nothing does.</summary>
    public string DifferenceTo(EmbedState other) => string.Join(" and ", new[]
    {
        Generator == other.Generator ? null : "model, templates, layer or options",
        Input == other.Input ? null : "the input",
        Format == other.Format ? null : "the format",
        BatchSize == other.BatchSize ? null : $"the batch size ({BatchSize} then)",
    }.Where(difference => difference is not null));
}
