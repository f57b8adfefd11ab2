using System.Text.Json.Nodes;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Weights;

public sealed class WeightFilesTests
{
    private const string IndexName = "model.safetensors.index.json";
    private static readonly string Sharded = Path.Combine(TestPaths.Golden, "llama-gqa-bf16-2shard");

    [Fact]
    public void Load_EmptyFolder_SaysWhatIsExpected()
    {
        using var folder = new TemporaryFolder();
        AssertInvalid(folder, "model.safetensors");
    }

    [Theory]
    [InlineData("pytorch_model.bin", "safe_serialization")]
    [InlineData("pytorch_model-00001-of-00002.bin", "only safetensors are read")]
    [InlineData("consolidated.00.pth", "only safetensors are read")]
    [InlineData("model.gguf", "only safetensors are read")]
    [InlineData("consolidated.safetensors", "'consolidated.safetensors'")]
    public void Load_OtherFormat_NamesFileAndWayOut(string name, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), "x");

        AssertInvalid(folder, name, part);
    }

    [Fact]
    public void Load_MissingShard_NamesIt()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Sharded);
        File.Delete(folder.File("model-00002-of-00002.safetensors"));

        AssertInvalid(folder, "model-00002-of-00002.safetensors", "missing");
    }

    [Theory]
    [InlineData("../other.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("C:other.safetensors")]
    [InlineData("sub/model.safetensors")]
    [InlineData("sub\\model.safetensors")]
    [InlineData("model\0.safetensors")]
    public void Load_ShardOutsideTheFolder_IsRefused(string shard)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Sharded);
        EditIndex(folder, index => index["weight_map"]!["model.norm.weight"] = shard);

        AssertInvalid(folder, "in the same folder");
    }

    [Fact]
    public void Load_ShardOutsideTheFolderThatExists_IsNotOpened()
    {
        using var outer = new TemporaryFolder();
        string inner = outer.File("inner");
        Directory.CreateDirectory(inner);
        foreach (string file in Directory.GetFiles(Sharded))
        {
            File.Copy(file, Path.Combine(outer.Path, Path.GetFileName(file)));
        }

        string index = File.ReadAllText(outer.File(IndexName)).Replace("\"model-0", "\"../model-0", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(inner, IndexName), index);

        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => LlamaWeights.Load(inner, LlamaConfig.Load(Sharded)));
        Assert.Contains("in the same folder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IndexNamesATensorThatTheShardLacks_NamesBoth()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Sharded);
        EditIndex(folder, index => index["weight_map"]!["model.norm.weight"] = "model-00001-of-00002.safetensors");

        AssertInvalid(folder, "'model.norm.weight'", "model-00001-of-00002.safetensors");
    }

    [Fact]
    public void Load_IndexLacksATensor_NamesIt()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Sharded);
        EditIndex(folder, index => index["weight_map"]!.AsObject().Remove("model.norm.weight"));

        AssertInvalid(folder, "'model.norm.weight'", "config.json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"weight_map\": [] }")]
    [InlineData("{ \"weight_map\": { \"model.norm.weight\": 1 } }")]
    [InlineData("{ \"weight_map\": { \"\\ud800\": \"model-00001-of-00002.safetensors\" } }")]
    [InlineData("{ \"weight_map\": { \"model.norm.weight\": \"a\", \"model.norm.weight\": \"b\" } }")]
    public void Load_MalformedIndex_NamesIt(string json)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Sharded);
        File.WriteAllText(folder.File(IndexName), json);

        AssertInvalid(folder, IndexName);
    }

    [SkippableFact]
    public void Load_LinksAsInADownloadCache_AreFollowed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Creating links needs a privilege on Windows.");
        using TemporaryFolder blobs = new TemporaryFolder().CopyFrom(Sharded), folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(blobs.Path))
        {
            File.CreateSymbolicLink(folder.File(Path.GetFileName(file)), file);
        }

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Equal(2, weights.Files.Count);
    }

    [SkippableFact]
    public void Load_LinksThatLeadNowhereOrInCircles_Throw()
    {
        Skip.If(OperatingSystem.IsWindows(), "Creating links needs a privilege on Windows.");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.File("model.safetensors"), folder.File("gone"));
        AssertInvalid(folder, folder.Path);

        File.CreateSymbolicLink(folder.File("a"), folder.File("config.json"));
        File.CreateSymbolicLink(folder.File("config.json"), folder.File("a"));
        Assert.Throws<InvalidModelException>(() => LlamaConfig.Load(folder.Path));
    }

    [SkippableFact]
    public void Load_EndlessDevice_IsRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs /dev/zero.");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.File("model.safetensors"), "/dev/zero");

        AssertInvalid(folder, "not a regular file");
    }

    [Fact]
    public void Load_SingleFileAndIndex_TakesTheSingleFile()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(Sharded).CopyFrom(Path.Combine(TestPaths.Golden, "llama-gqa-bf16"));

        using LlamaWeights weights = LlamaWeights.Load(folder.Path, LlamaConfig.Load(folder.Path));

        Assert.Equal([folder.File("model.safetensors")], weights.Files.Select(file => file.Path));
    }

    private static void EditIndex(TemporaryFolder folder, Action<JsonNode> edit)
    {
        JsonNode index = JsonNode.Parse(File.ReadAllText(folder.File(IndexName)))!;
        edit(index);
        File.WriteAllText(folder.File(IndexName), index.ToJsonString());
    }

    private static void AssertInvalid(TemporaryFolder folder, params string[] parts)
    {
        string message = Assert.Throws<InvalidModelException>(() => LlamaWeights.Load(folder.Path, LlamaConfig.Load(Sharded))).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
