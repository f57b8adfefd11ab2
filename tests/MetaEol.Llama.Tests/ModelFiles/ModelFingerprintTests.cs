using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Tokenization;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.ModelFiles;

/// <summary>Fingerprints differ wherever vectors do, and only there.</summary>
public sealed class ModelFingerprintTests
{
    [Fact]
    public void Fingerprint_SameContentElsewhere_IsTheSame()
    {
        using TemporaryFolder copy = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        using LlamaModel demo = LlamaModel.Load(TestPaths.DemoModel), model = LlamaModel.Load(copy.Path);

        Assert.Matches(new Regex("^[0-9a-f]{32}$"), demo.Weights.Fingerprint);
        Assert.Matches(new Regex("^[0-9a-f]{32}$"), demo.Fingerprint);
        Assert.Equal(demo.Weights.Fingerprint, model.Weights.Fingerprint);
        Assert.Equal(demo.Tokenizer.Fingerprint, model.Tokenizer.Fingerprint);
        Assert.Equal(demo.Fingerprint, model.Fingerprint);
    }

    [Fact]
    public void Fingerprint_FormattingOfTheConfiguration_DoesNotCount()
    {
        using TemporaryFolder copy = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        JsonNode config = JsonNode.Parse(File.ReadAllText(copy.File("config.json")))!;
        config["_name_or_path"] = "elsewhere";
        File.WriteAllText(copy.File("config.json"), config.ToJsonString());

        Assert.Equal(Fingerprint(TestPaths.DemoModel), Fingerprint(copy.Path));
    }

    [Theory]
    [InlineData("rms_norm_eps")]
    [InlineData("rope_theta")]
    public void Fingerprint_OtherConfiguration_IsAnother(string key)
    {
        using TemporaryFolder copy = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        JsonNode config = JsonNode.Parse(File.ReadAllText(copy.File("config.json")))!;
        config[key] = key == "rope_theta" ? 12345.0 : 1e-3;
        File.WriteAllText(copy.File("config.json"), config.ToJsonString());

        Assert.NotEqual(Fingerprint(TestPaths.DemoModel), Fingerprint(copy.Path));
    }

    /// <summary>One tensor that is trained is found, however small a part of the file it is.</summary>
    [Fact]
    public void Fingerprint_AnyTensorChanged_IsAnother()
    {
        using TemporaryFolder copy = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        List<(long Offset, long Length)> tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(copy.File("model.safetensors")))
        {
            tensors = [.. file.Tensors.Values.Select(tensor => (tensor.Offset, tensor.ByteCount))];
        }

        byte[] bytes = File.ReadAllBytes(copy.File("model.safetensors"));
        HashSet<string> seen = [Fingerprint(TestPaths.DemoModel)];
        foreach ((long offset, long length) in tensors)
        {
            // The lowest bit of every number: the least that training changes, and finite still.
            byte[] changed = [.. bytes];
            for (long i = offset; i < offset + length; i += 2)
            {
                changed[i] ^= 1;
            }

            File.WriteAllBytes(copy.File("model.safetensors"), changed);
            Assert.True(seen.Add(Fingerprint(copy.Path)));
        }
    }

    [Fact]
    public void Fingerprint_ManyThreads_IsTheSame()
    {
        using LlamaModel model = LlamaModel.Load(TestPaths.DemoModel);
        string[] found = new string[16];

        Parallel.For(0, found.Length, i => found[i] = model.Fingerprint);

        Assert.Single(found.Distinct());
    }

    [Fact]
    public void Fingerprint_DisposedWeights_IsKeptOrThrows()
    {
        LlamaModel model = LlamaModel.Load(TestPaths.DemoModel), other = LlamaModel.Load(TestPaths.DemoModel);
        string kept = model.Weights.Fingerprint;
        model.Dispose();
        other.Dispose();

        Assert.Equal(kept, model.Weights.Fingerprint);
        Assert.Throws<ObjectDisposedException>(() => other.Weights.Fingerprint);
    }

    [Fact]
    public void Fingerprint_CpuEncoder_NamesBackendPrecisionAndWeights()
    {
        using LlamaModel model = LlamaModel.Load(TestPaths.DemoModel);
        using IPromptEncoder exact = model.CreateEncoder(), small = model.CreateEncoder(new CpuEncoderOptions { Precision = Precision.Int8 });

        Assert.Equal($"cpu Float32 {model.Weights.Fingerprint}", exact.Fingerprint);
        Assert.NotEqual(exact.Fingerprint, small.Fingerprint);
    }

    [Fact]
    public void Fingerprint_Tokenizer_NamesFileContentAndReading()
    {
        ITokenizer tokenizer = TokenizerLoader.Load(TestPaths.DemoModel);

        Assert.Matches(new Regex("^tokenizer\\.json [0-9a-f]{32} Recognize$"), tokenizer.Fingerprint);
        Assert.Equal(tokenizer.Fingerprint.Replace("Recognize", "PlainText", StringComparison.Ordinal), tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText).Fingerprint);
        Assert.Matches(new Regex("^tokenizer\\.model [0-9a-f]{32} Recognize$"), TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, "tokenizer.model")).Fingerprint);
    }

    [Theory]
    [InlineData("tokenizer.json", "tokenizer.json", "\"normalized\": false", "\"normalized\": true")]
    [InlineData("tokenizer.json", "tokenizer.json", "\"prepend\": \"▁\"", "\"prepend\": \"▁▁\"")]
    [InlineData("tokenizer.json", "tokenizer.json", "\"fuse_unk\": true", "\"fuse_unk\": false")]
    [InlineData("tokenizer.json", "tokenizer.json", "\"type\": \"Fuse\"", "\"type\": \"ByteLevel\"")]
    [InlineData("tokenizer.json", "tokenizer_config.json", "\"add_bos_token\": true", "\"add_bos_token\": false")]
    [InlineData("tokenizer.json", "tokenizer_config.json", "\"add_eos_token\": false", "\"add_eos_token\": true")]
    [InlineData("tokenizer.model", "tokenizer_config.json", "\"legacy\": false", "\"legacy\": true")]
    [InlineData("tokenizer.model", "tokenizer_config.json", "\"lstrip\": false", "\"lstrip\": true")]
    public void Fingerprint_OtherTokenizer_IsAnother(string kind, string file, string before, string after)
    {
        using TemporaryFolder copy = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        string text = File.ReadAllText(copy.File(file));
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(copy.File(file), text.Replace(before, after, StringComparison.Ordinal));

        Assert.NotEqual(
            TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, kind)).Fingerprint,
            TokenizerLoader.Load(copy.File(kind)).Fingerprint);
    }

    [Fact]
    public void Fingerprint_SettingsThatDecideNothing_DoNotCount()
    {
        using TemporaryFolder copy = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        JsonNode settings = JsonNode.Parse(File.ReadAllText(copy.File("tokenizer_config.json")))!;
        settings["model_max_length"] = 7;
        File.WriteAllText(copy.File("tokenizer_config.json"), settings.ToJsonString());

        Assert.Equal(TokenizerLoader.Load(TestPaths.DemoModel).Fingerprint, TokenizerLoader.Load(copy.Path).Fingerprint);
    }

    private static string Fingerprint(string folder)
    {
        using LlamaWeights weights = LlamaWeights.Load(folder, LlamaConfig.Load(folder));
        return weights.Fingerprint;
    }
}
