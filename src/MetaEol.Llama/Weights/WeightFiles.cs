using System.Text.Json;
using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Weights;

/// <summary>The safetensors files of a model folder, one or several shards with an index, and which tensor lies in which.</summary>
internal sealed class WeightFiles : IDisposable
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const int MaximumIndexLength = 100_000_000;
    private const string BaseModelPrefix = "model.";

    private readonly string _folder;
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOf = new(StringComparer.Ordinal);

    private WeightFiles(string folder) => _folder = folder;

    /// <summary>The files, in the order in which the index names them.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Opens the files of a folder; like Hugging Face, a single file comes before an index.</summary>
    /// <exception cref="InvalidModelException">There are none, or one is missing or damaged.</exception>
    public static WeightFiles Open(string folder)
    {
        var files = new WeightFiles(folder);
        try
        {
            if (File.Exists(Path.Combine(folder, SingleName)))
            {
                files.OpenSingle();
            }
            else if (File.Exists(Path.Combine(folder, IndexName)))
            {
                files.OpenShards();
            }
            else
            {
                throw NoWeights(folder);
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor by its name in a whole model, <c>model.layers…</c>; base models are saved without the prefix.</summary>
    /// <returns>Whether a file holds it.</returns>
    public bool TryFind(string name, out SafetensorsFile file, out TensorInfo tensor)
    {
        if (!_fileOf.TryGetValue(name, out file!))
        {
            name = name.StartsWith(BaseModelPrefix, StringComparison.Ordinal) ? name[BaseModelPrefix.Length..] : name;
            _ = _fileOf.TryGetValue(name, out file!);
        }

        tensor = file is null ? null! : file.Tensors[name];
        return file is not null;
    }

    /// <summary>Finds a tensor that has to be there.</summary>
    /// <exception cref="InvalidModelException">It is missing.</exception>
    public (SafetensorsFile File, TensorInfo Tensor) Find(string name) =>
        TryFind(name, out SafetensorsFile file, out TensorInfo tensor)
            ? (file, tensor)
            : throw new InvalidModelException($"The weights in '{_folder}' lack tensor '{name}', which config.json calls for.");

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void OpenSingle()
    {
        SafetensorsFile file = SafetensorsFile.Open(Path.Combine(_folder, SingleName));
        _files.Add(file);
        foreach (string name in file.Tensors.Keys)
        {
            _fileOf.Add(name, file);
        }
    }

    private void OpenShards()
    {
        string indexPath = Path.Combine(_folder, IndexName);
        byte[] json = ModelFile.ReadAll(indexPath, MaximumIndexLength, "expected an index of weight shards");
        using JsonDocument document = ModelFile.ParseJson(json, $"'{indexPath}'");
        if (!document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidModelException($"'{indexPath}' has no object 'weight_map' of tensor names and shard file names.");
        }

        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach ((string tensor, string shard) in ReadMap(map, indexPath))
        {
            if (!shards.TryGetValue(shard, out SafetensorsFile? file))
            {
                file = OpenShard(shard, indexPath);
                shards.Add(shard, file);
            }

            if (!file.Tensors.ContainsKey(tensor))
            {
                throw new InvalidModelException($"'{indexPath}' says that tensor {ModelFile.Quote(tensor)} is in '{shard}', which does not hold it.");
            }

            _fileOf.Add(tensor, file);
        }
    }

    private SafetensorsFile OpenShard(string shard, string indexPath)
    {
        // The index is untrusted: a name with a separator, a drive or '..' could point anywhere on the machine.
        if (shard is "" or "." or ".." || shard.AsSpan().ContainsAny("/\\:\0"))
        {
            throw new InvalidModelException($"'{indexPath}' names the shard {ModelFile.Quote(shard)}; expected the name of a file in the same folder.");
        }

        string path = Path.Combine(_folder, shard);
        if (!File.Exists(path))
        {
            throw new InvalidModelException($"The weight shard '{path}' is missing; '{IndexName}' names it.");
        }

        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(file);
        return file;
    }

    private static List<(string Tensor, string Shard)> ReadMap(JsonElement map, string indexPath)
    {
        try
        {
            return [.. map.EnumerateObject().Select(entry => entry.Value.ValueKind == JsonValueKind.String
                ? (entry.Name, entry.Value.GetString()!)
                : throw new InvalidModelException(
                    $"'{indexPath}' maps tensor {ModelFile.Quote(entry.Name)} to {ModelFile.Quote(entry.Value)}; expected the name of a shard file."))];
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidModelException($"'{indexPath}' has a string that is not valid Unicode.", exception);
        }
    }

    private static InvalidModelException NoWeights(string folder)
    {
        string expected = $"expected '{SingleName}', or '{IndexName}' with its shards";
        if (!Directory.Exists(folder))
        {
            return new InvalidModelException($"There is no folder '{folder}'; {expected} in it.");
        }

        string? FirstOf(params string[] patterns) =>
            patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault();

        return FirstOf("*.safetensors") is { } other
            ? new InvalidModelException($"'{folder}' has '{other}', but no index that says what it holds; {expected}.")
            : FirstOf("*.bin", "*.pt", "*.pth", "*.gguf") is { } pickled
            ? new InvalidModelException(
                $"'{folder}' has its weights in '{pickled}', but only safetensors are read; {expected}. To convert a Hugging Face model, load it with transformers"
                + " and save it with model.save_pretrained(folder, safe_serialization=True).")
            : new InvalidModelException($"'{folder}' has no weights; {expected}.");
    }
}
