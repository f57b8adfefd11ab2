using System.Globalization;
using System.Text.Json.Nodes;
using MetaEol.Llama.Configuration;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests;

public sealed class LlamaModelTests
{
    [Fact]
    public void Load_DemoModel_HasConfigurationTokenizerAndWeights()
    {
        using LlamaModel model = LlamaModel.Load(TestPaths.DemoModel);

        Assert.Equal(Path.GetFullPath(TestPaths.DemoModel), model.Folder);
        Assert.Equal((6144, 256, 4, 512), (model.Config.VocabularySize, model.Config.HiddenSize, model.Config.LayerCount, model.Config.MaxPositionEmbeddings));
        Assert.Equal(6144, model.Tokenizer.VocabularySize);
        Assert.Equal(1, model.Tokenizer.Encode("One word")[0]);
        Assert.Equal(6144, model.Weights.TokenEmbedding.Rows);
    }

    [Fact]
    public void Load_OwnTokenizer_TakesThePlaceOfTheFolders()
    {
        using LlamaModel demo = LlamaModel.Load(TestPaths.DemoModel);

        using LlamaModel model = LlamaModel.Load(Path.Combine(TestPaths.Golden, "qwen2-bf16"), demo.Tokenizer);

        Assert.Same(demo.Tokenizer, model.Tokenizer);
        Assert.Equal("Qwen2ForCausalLM", model.Config.Architecture);
    }

    [Fact]
    public void Load_RelativePath_IsMadeFull()
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, TestPaths.DemoModel);

        using LlamaModel model = LlamaModel.Load(relative);

        Assert.Equal(Path.GetFullPath(TestPaths.DemoModel), model.Folder);
    }

    [Fact]
    public void Load_NoFolder_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => LlamaModel.Load(null!));
        Assert.Throws<ArgumentException>(() => LlamaModel.Load(""));
        Assert.Throws<ArgumentNullException>(() => LlamaModel.Load(TestPaths.DemoModel, null!));
        string missing = Path.Combine(TestPaths.DemoModel, "missing");
        Assert.Contains(missing, Assert.Throws<DirectoryNotFoundException>(() => LlamaModel.Load(missing)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => LlamaModel.Load(Path.Combine(TestPaths.DemoModel, "config.json")));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public void Load_MissingFile_NamesIt(string name)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        File.Delete(folder.File(name));

        Assert.Contains(name, Assert.Throws<InvalidModelException>(() => LlamaModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ConfigurationOfAnotherModel_NamesATensor()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!;
        config["intermediate_size"] = 511;
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());

        string message = Assert.Throws<InvalidModelException>(() => LlamaModel.Load(folder.Path)).Message;

        Assert.Contains("model.layers.0.mlp.gate_proj.weight", message, StringComparison.Ordinal);
        Assert.Contains("[511, 256]", message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("tokenizer")]
    [InlineData("second shard")]
    [InlineData("norm")]
    public void Load_FailingHalfway_LeavesNoFileMapped(string broken)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(
            broken == "second shard" ? Path.Combine(TestPaths.Golden, "llama-gqa-bf16-2shard") : TestPaths.DemoModel);
        switch (broken)
        {
            case "tokenizer":
                File.WriteAllText(folder.File("tokenizer.json"), "{");
                File.WriteAllText(folder.File("tokenizer.model"), "{");
                break;
            case "second shard":
                File.WriteAllText(folder.File("model-00002-of-00002.safetensors"), "short");
                break;
            default:
                var model = new RandomModel();
                model.Write(folder.Path);
                model.CreateWeights().Remove("model.norm.weight").Add("model.norm.weight", "F32", [64], () => float.NaN).Write(folder.File("model.safetensors"));
                break;
        }

        Assert.Throws<InvalidModelException>(() => LlamaModel.Load(folder.Path));

        Assert.DoesNotContain(folder.Path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Dispose_LoadedModel_UnmapsItsFile()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        LlamaModel model = LlamaModel.Load(folder.Path);
        Assert.Contains(folder.Path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);

        model.Dispose();
        model.Dispose();

        Assert.DoesNotContain(folder.Path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WeightsOfAGigabyte_ReadsOnlyTheirHeader()
    {
        using var folder = new TemporaryFolder();
        var model = new RandomModel { LayerCount = 1, Type = "BF16" };
        model.Write(folder.Path);
        // A file with a hole: the embedding takes no disk, and would take seconds to read.
        const int Vocabulary = 1 << 23;
        JsonNode config = model.CreateConfig();
        config["vocab_size"] = Vocabulary;
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        SafetensorsWriter writer = model.CreateWeights().Remove("model.embed_tokens.weight").Remove("lm_head.weight");
        writer.EditHeader = header =>
        {
            long end = header.Max(entry => entry.Value!["data_offsets"] is JsonArray offsets ? (long)offsets[1]! : 0);
            header["model.embed_tokens.weight"] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray(Vocabulary, 64),
                ["data_offsets"] = new JsonArray(end, end + ((long)Vocabulary * 64 * 2)),
            };
        };
        writer.Write(folder.File("model.safetensors"));
        using (FileStream stream = File.OpenWrite(folder.File("model.safetensors")))
        {
            stream.SetLength(stream.Length + ((long)Vocabulary * 64 * 2));
        }

        LlamaConfig read = LlamaConfig.Load(folder.Path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var weights = MetaEol.Llama.Weights.LlamaWeights.Load(folder.Path, read);

        Assert.Equal(Vocabulary, weights.TokenEmbedding.Rows);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        if (OperatingSystem.IsLinux())
        {
            Assert.InRange(ResidentBytes(folder.File("model.safetensors")), 1, 8 << 20);
        }
    }

    /// <summary>How much of a mapped file has been read.</summary>
    private static long ResidentBytes(string path)
    {
        long kilobytes = 0;
        bool isOfFile = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                isOfFile = line.EndsWith(path, StringComparison.Ordinal);
            }
            else if (isOfFile && words[0] == "Rss:")
            {
                kilobytes += long.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }

        return kilobytes << 10;
    }
}
