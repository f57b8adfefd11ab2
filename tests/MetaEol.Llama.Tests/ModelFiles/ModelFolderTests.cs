using MetaEol.Llama.Configuration;
using MetaEol.Llama.Tokenization;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.ModelFiles;

/// <summary>Folders without a model, and paths that are none.</summary>
public sealed class ModelFolderTests
{
    [Theory]
    [InlineData("model.safetensors", "give the folder that it lies in")]
    [InlineData("config.json", "give the folder that it lies in")]
    [InlineData("tokenizer.json", "give the folder that it lies in")]
    public void Load_AFileOfTheModel_SaysWhichFolderToGive(string name, string part)
    {
        string path = Path.Combine(TestPaths.DemoModel, name);

        foreach (Exception exception in Exceptions(path))
        {
            Assert.Contains(part, exception.Message, StringComparison.Ordinal);
            Assert.Contains($"'{Path.GetFullPath(TestPaths.DemoModel)}'", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("model-q4_k_m.gguf", "is a GGUF file", "folder of the original model")]
    [InlineData("MODEL.GGUF", "is a GGUF file", "folder of the original model")]
    [InlineData("pytorch_model.bin", "pickled", "save_pretrained")]
    [InlineData("consolidated.00.pth", "pickled", "save_pretrained")]
    [InlineData("notes.txt", "is not a folder", "config.json")]
    public void Load_AnotherFile_SaysWhatItIsAndWhatIsExpected(string name, params string[] parts)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), "x");

        foreach (Exception exception in Exceptions(folder.File(name)))
        {
            Assert.All([name, .. parts], part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("model.gguf", "is a GGUF file")]
    [InlineData("ggml-model-Q8_0.GGUF", "is a GGUF file")]
    [InlineData("pytorch_model-00001-of-00002.bin", "pickled")]
    [InlineData("consolidated.00.pth", "pickled")]
    public void Load_FolderOfAnotherForm_SaysWhichFileItHasInstead(string name, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), "x");
        File.WriteAllText(folder.File("README.md"), "x");

        string message = Assert.Throws<InvalidModelException>(() => LlamaModel.Load(folder.Path)).Message;
        Assert.All(["config.json", name, part], text => Assert.Contains(text, message, StringComparison.Ordinal));
        Assert.Contains(name, Assert.Throws<InvalidModelException>(() => TokenizerLoader.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FolderOfTheDownloadCache_NamesTheSnapshot()
    {
        using var folder = new TemporaryFolder();
        string snapshot = Path.Combine(folder.Path, "snapshots", "0e9e39f249a16976918f6564b8830bc894c89659");
        Directory.CreateDirectory(snapshot);

        Assert.Contains(snapshot, Assert.Throws<InvalidModelException>(() => LlamaModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenizerFromGguf_SaysWhatItIs()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("model.gguf"), "GGUF");

        Assert.Contains("is a GGUF file", Assert.Throws<InvalidModelException>(() => TokenizerLoader.Load(folder.File("model.gguf"))).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Exception> Exceptions(string path) =>
    [
        Assert.Throws<DirectoryNotFoundException>(() => LlamaModel.Load(path)),
        Assert.Throws<DirectoryNotFoundException>(() => ModelLocation.Find(path)),
        Assert.Throws<InvalidModelException>(() => LlamaConfig.Load(path)),
        Assert.Throws<InvalidModelException>(() => LlamaWeights.Load(path, LlamaConfig.Load(TestPaths.DemoModel))),
    ];
}
