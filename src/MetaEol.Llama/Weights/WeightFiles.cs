using System.Text.Json;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Weights;

/// <summary>The safetensors files of a model folder, one or several shards with an index, and which tensor lies in which.</summary>
internal sealed class WeightFiles : IDisposable
{
    private const string BaseModelPrefix = "model.";

    private static readonly string IndexName = ModelFileKind.WeightIndex.Name;

    private readonly ModelFolder _folder;
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOf = new(StringComparer.Ordinal);

    private WeightFiles(ModelFolder folder) => _folder = folder;

    /// <summary>The files, in the order in which the index names them.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Opens the files of a folder; like Hugging Face, a single file comes before an index.</summary>
    /// <exception cref="InvalidModelException">There are none, or one is missing or damaged.</exception>
    public static WeightFiles Open(ModelFolder folder)
    {
        var files = new WeightFiles(folder);
        try
        {
            if (folder.Has(ModelFolder.WeightsName))
            {
                files.OpenSingle();
            }
            else if (folder.Has(IndexName))
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
            : throw new InvalidModelException($"The weights in '{_folder.Path}' lack tensor '{name}', which config.json calls for.");

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void OpenSingle()
    {
        SafetensorsFile file = SafetensorsFile.Open(_folder.PathOf(ModelFolder.WeightsName));
        _files.Add(file);
        foreach (string name in file.Tensors.Keys)
        {
            _fileOf.Add(name, file);
        }
    }

    private void OpenShards()
    {
        string indexPath = _folder.PathOf(IndexName);
        using JsonDocument document = ModelFile.ParseJson(_folder.Read(ModelFileKind.WeightIndex), $"'{indexPath}'");
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
                throw new InvalidModelException($"'{indexPath}' says that tensor {ModelFile.Quote(tensor)} is in {ModelFile.Quote(shard)}, which does not hold it.");
            }

            _fileOf.Add(tensor, file);
        }
    }

    private SafetensorsFile OpenShard(string shard, string indexPath)
    {
        if (!ModelFolder.IsFileName(shard))
        {
            throw new InvalidModelException($"'{indexPath}' names the shard {ModelFile.Quote(shard)}; expected the name of a file in the same folder.");
        }

        if (!_folder.Has(shard))
        {
            throw new InvalidModelException($"The weight shard {ModelFile.Quote(shard)} is missing in '{_folder.Path}'; '{IndexName}' names it.");
        }

        SafetensorsFile file = SafetensorsFile.Open(_folder.PathOf(shard));
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

    private static InvalidModelException NoWeights(ModelFolder folder)
    {
        string expected = $"expected '{ModelFolder.WeightsName}', or '{IndexName}' with its shards";
        return folder.FirstOf("*.safetensors") is { } other
            ? new InvalidModelException($"'{folder.Path}' has '{other}', but no index that says what it holds; {expected}.")
            : folder.Missing($"'{folder.Path}' has no weights; {expected}.");
    }
}
