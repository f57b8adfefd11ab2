using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MetaEol.Cli.Embedding;
using MetaEol.Extensions;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

public sealed class EmbedCommandTests : IDisposable
{
    private static readonly string[] Texts = ["A man plays a guitar.", "The market fell.", "", "Zwei Vögel 🐦 singen."];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Embed_Lines_WritesTheGeneratorsVectorsInAllFormats()
    {
        string input = _folder.Write("in.txt", string.Join('\n', Texts) + "\n");
        float[][] expected = await EmbedAsync(Texts);
        foreach (string name in new[] { "out.npy", "out.safetensors", "out.jsonl" })
        {
            (await Tool.RunAsync("embed", input, "--out", _folder[name], "--batch", "3")).Succeeded();
            float[][] actual = name.EndsWith("npy", StringComparison.Ordinal) ? ReadNpy(_folder[name])
                : name.EndsWith("jsonl", StringComparison.Ordinal) ? ReadJsonl(File.ReadAllText(_folder[name]))
                : ReadSafetensors(_folder[name]);
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(1, Similarity(expected[i], actual[i]), 5);
            }
        }

        string[] outputs = ["out.jsonl", "out.npy", "out.safetensors"];
        Assert.Equal(["in.txt", .. outputs.SelectMany(name => new[] { name, $"{name}.meta.json" })], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Embed_RoleAndLayersOfTheTemplates_CountAndAreInTheFingerprint()
    {
        string input = _folder.Write("q.txt", "Who sings in church?\n");
        var prints = new List<string>();
        float[][] vectors = new float[3][];
        foreach ((int i, string[] role) in new string[][] { [], ["--role", "document"], ["--role", "query"] }.Index())
        {
            JsonElement summary = JsonDocument.Parse((await Tool.RunAsync(["embed", input, "--out", _folder[$"{i}.npy"], "--templates", "retrieval", "--json", .. role])).Succeeded().Output).RootElement;
            prints.Add(summary.GetProperty("fingerprint").GetString()!);
            vectors[i] = Vectors.Npy(_folder[$"{i}.npy"])[0];
        }

        Assert.Equal(prints[0], prints[1]);
        Assert.NotEqual(prints[0], prints[2]);
        Assert.Equal(vectors[0], vectors[1]);
        Assert.NotEqual(vectors[0], vectors[2]);
        using MetaEol.Extensions.MetaEolEmbeddingGenerator generator = new(new MetaEol.Extensions.MetaEolOptions { ModelPath = TestPaths.DemoModel, TemplateSet = MetaEol.Extensions.Prompting.TemplateSet.Retrieval });
        var asQuery = new MetaEol.Extensions.MetaEolEmbeddingGenerationOptions { Role = MetaEol.Extensions.TextRole.Query };
        Assert.Equal(1, Similarity((await generator.GenerateAsync(["Who sings in church?"], asQuery))[0].Vector.ToArray(), vectors[2]), 5);
    }

    [Fact]
    public async Task Embed_StandardStreams_KeepsTheOutputCleanForData()
    {
        Tool.Result result = await Tool.RunWithAsync("{\"body\":\"A dog runs.\"}\n\n{\"body\":\"A cat sleeps.\"}\n", null, "embed", "-", "--field", "body", "--out", "-");
        result.Succeeded();
        Assert.Equal(["A dog runs.", "A cat sleeps."], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()));
        Assert.Contains("2 texts", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embed_Folder_NamesTheFiles()
    {
        _folder.Write("docs/b.md", "The second file.");
        _folder.Write("docs/sub/a.txt", "The first file.");
        _folder.Write("docs/image.png", "x");
        (await Tool.RunAsync("embed", _folder["docs"], "--out", _folder["out.jsonl"], "--no-normalize", "--layer", "2", "--templates", "prompteol")).Succeeded();
        string[] lines = File.ReadAllLines(_folder["out.jsonl"]);
        Assert.Equal(["b.md", Path.Combine("sub", "a.txt")], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()));
        float[] vector = ReadJsonl(lines[0])[0];
        Assert.NotEqual(1, Math.Sqrt(vector.Sum(x => x * x)), 2);
    }

    [Theory]
    [InlineData("out.npy")]
    [InlineData("out.jsonl")]
    [InlineData("out.safetensors")]
    public async Task Embed_KilledAndResumed_GivesTheSameFile(string name)
    {
        string input = _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 600).Select(i => $"Sentence number {i} is about {(i % 7 == 0 ? "music" : "trade")}.\n")));
        string[] options = ["embed", input, "--batch", "5", "--templates", "prompteol", "--out"];
        (await Tool.RunAsync([.. options, _folder["whole", name]])).Succeeded();
        string partial = _folder["cut", $"{name}.partial"];

        // A run may be over before it is killed, on a machine that is fast or busy: until one is not.
        for (int run = 0; !File.Exists(partial); run++)
        {
            Assert.True(run < 20, "Every run ended before it could be killed.");
            if (run > 0)
            {
                Directory.Delete(_folder["cut"], recursive: true);
            }

            using Process process = Tool.Start([.. options, _folder["cut", name]]);

            // Drained, so that the process never waits for a reader.
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            while (!process.HasExited && (!File.Exists(partial) || new FileInfo(partial).Length < 30_000))
            {
                await Task.Delay(2);
            }

            process.Kill();
            await process.WaitForExitAsync();
            await Task.WhenAll(output, error);
        }

        Assert.False(File.Exists(_folder["cut", name]));

        // What a crash in the middle of a write leaves behind.
        await File.AppendAllTextAsync(partial, "torn");
        Tool.Result resumed = (await Tool.RunAsync([.. options, _folder["cut", name], "--resume"])).Succeeded();
        Assert.Contains("more were there", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_folder["whole", name]), File.ReadAllBytes(_folder["cut", name]));
        Assert.Equal([name, $"{name}.meta.json"], Directory.GetFiles(_folder["cut"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Embed_ResumedWithOtherSettings_IsRefused()
    {
        string input = _folder.Write("in.txt", "a\nb\n");
        (await Tool.RunAsync("embed", input, "--out", _folder["out.npy"])).Succeeded();
        File.Move(_folder["out.npy"], _folder["out.npy.partial"]);
        new EmbedState("x", "y", OutputFormat.Npy, 64) { Dimensions = Vectors.Dimensions, Rows = 2 }.Write(_folder["out.npy.partial.json"]);
        (await Tool.RunAsync("embed", input, "--out", _folder["out.npy"], "--resume")).FailedWith("was begun with other settings: model, templates, layer or options and the input changed");
        (await Tool.RunAsync("embed", input, "--out", _folder["out.npy"])).FailedWith("holds what an interrupted run has done");
        (await Tool.RunAsync("embed", input, "--out", _folder["out.npy"], "--force")).Succeeded();
        Assert.Contains("complete already", (await Tool.RunAsync("embed", input, "--out", _folder["out.npy"], "--resume")).Succeeded().Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Embed_Interrupted_EndsCleanlyAndCanBeResumed(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "Signals are Unix's.");
        if (signal == "INT")
        {
            Signals.SkipIfInterruptsAreIgnored();
        }

        string input = _folder.Write("in.txt", string.Concat(Enumerable.Range(0, 5000).Select(i => $"Sentence number {i}.\n"))), partial = _folder["out.npy.partial"];
        using Process process = Tool.Start(["embed", input, "--out", _folder["out.npy"], "--batch", "4"]);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && (!File.Exists(partial) || new FileInfo(partial).Length < 5_000))
        {
            await Task.Delay(5);
        }

        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await process.WaitForExitAsync(new CancellationTokenSource(Patience.Hang).Token);
        Assert.Equal(130, process.ExitCode);
        Assert.EndsWith("Cancelled.", (await error).Trim(), StringComparison.Ordinal);
        Assert.Contains("with --resume goes on", (await error).ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await error, StringComparison.Ordinal);
        Assert.Empty(await output);
        Assert.True(File.Exists(partial));
    }

    [Fact]
    public async Task Embed_BadInput_SaysWhatAndWhere()
    {
        string jsonl = _folder.Write("in.jsonl", "{\"text\":\"fine\"}\n{\"txt\":1}\n"), longText = _folder.Write("long.txt", string.Concat(Enumerable.Repeat("word after word ", 600)));
        (await Tool.RunAsync("embed", _folder["none.txt"], "--out", _folder["o.npy"])).FailedWith("There is no file or folder");
        (await Tool.RunAsync("embed", jsonl, "--out", _folder["o.npy"])).FailedWith("in.jsonl, line 2: expected a JSON object with a text in the field 'text'");
        (await Tool.RunAsync("embed", jsonl, "--out", _folder["o.csv"])).FailedWith("end it with .jsonl, .npy or .safetensors");
        (await Tool.RunAsync("embed", longText, "--out", _folder["o.npy"])).FailedWith("long.txt, line 1 is too long: it has ");
        (await Tool.RunAsync("embed", longText, "--out", _folder["o.npy"], "--truncate")).Succeeded();
        (await Tool.RunAsync("embed", longText, "--out", _folder["o.npy"], "--layer", "99", "--force")).FailedWith("99");
        (await Tool.RunAsync("embed", longText, "--out", _folder["o.npy"], "--layer", "deep", "--force")).FailedWith("'deep' is not a layer", exitCode: 2);
        (await Tool.RunAsync("embed", longText, "--out", _folder["o.npy"], "--batch", "0")).FailedWith("--batch is '0': write a whole number from 1 to 4096", exitCode: 2);
    }

    private static async Task<float[][]> EmbedAsync(string[] texts)
    {
        using MetaEolEmbeddingGenerator generator = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel });
        return [.. (await generator.GenerateAsync(texts)).Select(embedding => embedding.Vector.ToArray())];
    }

    private static double Similarity(float[] first, float[] second) => MetaEol.Evaluation.Sts.StsScorer.Cosine(first, second);

    private static float[][] ReadJsonl(string content) => [.. content.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray())];

    private static float[][] ReadNpy(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0], bytes[..8]);
        int header = BitConverter.ToUInt16(bytes, 8);
        string description = Encoding.Latin1.GetString(bytes, 10, header);
        Assert.StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 256), }", description, StringComparison.Ordinal);
        Assert.EndsWith("\n", description, StringComparison.Ordinal);
        Assert.Equal(0, (10 + header) % 64);
        return Rows(bytes[(10 + header)..]);
    }

    private static float[][] ReadSafetensors(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToInt64(bytes);
        JsonElement tensor = JsonDocument.Parse(bytes.AsMemory(8, header)).RootElement.GetProperty("embeddings");
        Assert.Equal("F32", tensor.GetProperty("dtype").GetString());
        Assert.Equal([4, 256], tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32()));
        Assert.Equal([0, bytes.Length - 8 - header], tensor.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32()));
        return Rows(bytes[(8 + header)..]);
    }

    private static float[][] Rows(byte[] bytes) => [.. bytes.Chunk(256 * sizeof(float)).Select(row => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(row).ToArray())];
}
