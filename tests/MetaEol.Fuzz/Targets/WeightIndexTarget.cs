using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary><c>model.safetensors.index.json</c> over two shards.</summary>
internal sealed class WeightIndexTarget : FuzzTarget
{
    private readonly TemporaryFolder _folder = new();
    private LlamaConfig? _config;

    public override string Name => "weight-index";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator([Index()], ["../b.safetensors", "/etc/passwd", "a.safetensors", "b.safetensors", "missing.safetensors", "config.json", ".", "c:a"]),
        new ByteMutator([Index()]),
    ];

    public override void Run(byte[] input)
    {
        _config ??= Prepare();
        File.WriteAllBytes(_folder.File("model.safetensors.index.json"), input);
        using LlamaWeights weights = LlamaWeights.Load(_folder.Path, _config);
        DifferenceException.Unless(weights.Files.All(file => Path.GetDirectoryName(file.Path) == _folder.Path), "A shard lies outside the folder.");
        DifferenceException.Unless(weights.Layers.Count == _config.LayerCount, "Layers are missing.");
    }

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static bool IsInFirst(string tensor) => tensor.Contains("embed", StringComparison.Ordinal) || tensor.Contains("layers.0", StringComparison.Ordinal);

    private static byte[] Index()
    {
        var map = new JsonObject();
        foreach (string name in SmallModel.Llama.CreateWeights().Names)
        {
            map[name] = IsInFirst(name) ? "a.safetensors" : "b.safetensors";
        }

        return Encoding.UTF8.GetBytes(new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 12345 }, ["weight_map"] = map }.ToJsonString());
    }

    private LlamaConfig Prepare()
    {
        foreach ((string file, bool first) in ((string, bool)[])[("a.safetensors", true), ("b.safetensors", false)])
        {
            SafetensorsWriter writer = SmallModel.Llama.CreateWeights();
            foreach (string name in writer.Names.Where(name => IsInFirst(name) != first).ToArray())
            {
                writer.Remove(name);
            }

            writer.Write(_folder.File(file));
        }

        File.WriteAllBytes(_folder.File("config.json"), SmallModel.Configs[0]);
        return LlamaConfig.Load(_folder.Path);
    }
}
