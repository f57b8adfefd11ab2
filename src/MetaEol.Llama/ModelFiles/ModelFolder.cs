using System.Text.Json;

namespace MetaEol.Llama.ModelFiles;

/// <summary>A folder with a model's files. Nothing outside it is read, but for what links in it lead to: Hugging Face's download cache is made of them.</summary>
internal sealed class ModelFolder
{
    /// <summary>The weights where they are in one file.</summary>
    public const string WeightsName = "model.safetensors";

    private const string Expected = "expected the folder of a Hugging Face model, with config.json, a tokenizer and safetensors weights";

    private static readonly string[] Pickled = ["*.bin", "*.pt", "*.pth", "*.ckpt"];

    /// <param name="path">Path of a folder.</param>
    /// <exception cref="InvalidModelException">There is none.</exception>
    public ModelFolder(string path)
    {
        Path = FindFault(path) is { } fault ? throw new InvalidModelException(fault) : path;
    }

    /// <summary>The folder's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Says why a path is no folder and what to give in its place, or gives null if it is one.</summary>
    public static string? FindFault(string path)
    {
        if (Directory.Exists(path))
        {
            return null;
        }

        if (!System.IO.Path.Exists(path))
        {
            return $"There is no folder {ModelFile.QuotePath(path)}; {Expected}.";
        }

        return System.IO.Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".GGUF" => $"'{path}' {FileSignature.Gguf}",
            ".BIN" or ".PT" or ".PTH" or ".CKPT" => $"'{path}' {FileSignature.Pickle}",
            ".SAFETENSORS" or ".JSON" or ".MODEL" =>
                $"'{path}' is a file of a model, not the model's folder; give the folder that it lies in, '{System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))}'.",
            _ => $"'{path}' is not a folder; {Expected}.",
        };
    }

    /// <summary>Full path of a file in the folder, whether it is there or not.</summary>
    /// <param name="name">A file name without any folder.</param>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Whether there is an entry of that name, be it a folder or a link that leads nowhere: such a one is named when it is read, not passed over.</summary>
    public bool Has(string name) => System.IO.Path.Exists(PathOf(name));

    /// <summary>Whether <paramref name="name"/> can only be a file in this folder: with a separator, a drive or <c>..</c> it could point anywhere on the machine.</summary>
    public static bool IsFileName(string name) => name is not ("" or "." or "..") && !name.AsSpan().ContainsAny("/\\:\0");

    /// <summary>Reads a file that has to be there.</summary>
    /// <exception cref="InvalidModelException">It is missing, longer than its kind may be, or cannot be read; where it is missing, the message says what the folder has instead.</exception>
    public byte[] Read(ModelFileKind kind) => Has(kind.Name)
        ? ModelFile.ReadAll(PathOf(kind.Name), kind.MaximumLength, kind.Purpose)
        : throw Missing($"There is no file '{PathOf(kind.Name)}'; {kind.Purpose}.");

    /// <summary>Reads a JSON file, or gives null where there is none.</summary>
    /// <exception cref="InvalidModelException">It is longer than its kind may be, cannot be read, or is no JSON object.</exception>
    public JsonSection? ReadJsonIfThere(ModelFileKind kind)
    {
        if (!Has(kind.Name))
        {
            return null;
        }

        string source = $"'{PathOf(kind.Name)}'";
        using JsonDocument document = ModelFile.ParseJson(Read(kind), source);
        return new(document.RootElement.Clone(), source);
    }

    /// <summary>The exception for a file that is missing: what is, and what the folder holds in its place if it has a model in another form.</summary>
    /// <param name="message">What is missing, as a sentence.</param>
    public InvalidModelException Missing(string message)
    {
        if (FirstOf("*.safetensors", "*.safetensors.index.json") is null && FirstOf([.. Pickled, "*.gguf"]) is { } other)
        {
            return new($"{message} The folder has '{other}', which {(other.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? FileSignature.Gguf : FileSignature.Pickle)}");
        }

        string snapshots = PathOf("snapshots");
        return new(Directory.Exists(snapshots) && Directory.EnumerateDirectories(snapshots).Order(StringComparer.Ordinal).FirstOrDefault() is { } snapshot
            ? $"{message} The folder is one of Hugging Face's download cache; give the snapshot in it, '{snapshot}'."
            : message);
    }

    /// <summary>The first file, in order of names, that fits one of the patterns.</summary>
    public string? FirstOf(params string[] patterns) => patterns
        .SelectMany(pattern => Directory.EnumerateFiles(Path, pattern, new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }))
        .Select(System.IO.Path.GetFileName)
        .Order(StringComparer.Ordinal)
        .FirstOrDefault();
}
