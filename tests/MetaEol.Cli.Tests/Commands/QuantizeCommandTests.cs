using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Quantized => _folder["int8"];

    [Fact]
    public async Task Quantize_DemoModel_EmbedsAsInt8DoesAndInfoSaysSo()
    {
        Tool.Result written = (await InProcess.RunAsync("quantize", TestPaths.DemoModel, Quantized, "--threads", "2")).Succeeded();
        Assert.Equal(Quantized, written.Output.Trim());
        Assert.Contains("1 file, 5.8 MB of 7.9 MB, of which 5.8 MB written now", written.Error, StringComparison.Ordinal);
        Assert.Contains("quantized: products in 8 bits", (await InProcess.RunAsync("info", Quantized)).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("quantized", (await InProcess.RunAsync("info", TestPaths.DemoModel)).Succeeded().Output, StringComparison.Ordinal);

        string input = _folder.Write("in.txt", "A cat sat on the mat.\nTwo dogs run.\n");
        byte[] fromFile = await Embed(input, "--model", Quantized);
        Assert.Equal(await Embed(input, "--precision", "int8"), fromFile);
        Assert.Equal(await Embed(input, "--int8"), fromFile);
        Assert.Equal(await Embed(input, "--model", Quantized, "--precision", "fastest"), fromFile);
        Assert.NotEqual(await Embed(input), fromFile);
        Assert.Equal(await Embed(input), await Embed(input, "--precision", "Float32"));
        (await InProcess.RunAsync("embed", input, "--out", _folder["x.npy"], "--model", Quantized, "--precision", "float32")).FailedWith("stored in 8 bits");
        (await InProcess.RunAsync("embed", input, "--out", _folder["x.npy"], "--int8", "--precision", "bfloat16")).FailedWith("--int8 and --precision bfloat16 are two different precisions");
        Tool.Result unknown = await InProcess.RunAsync("embed", input, "--out", _folder["x.npy"], "--precision", "int4");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("--precision is 'int4': write float32, bfloat16, int8 or fastest", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quantize_InSmallShards_WritesAnIndex()
    {
        JsonElement written = JsonDocument.Parse((await InProcess.RunAsync("quantize", TestPaths.DemoModel, Quantized, "--shard-size", "1", "--json")).Succeeded().Output).RootElement;
        Assert.Equal(4, written.GetProperty("files").GetArrayLength());
        Assert.Equal(written.GetProperty("bytes").GetInt64(), Directory.EnumerateFiles(Quantized, "*.safetensors").Sum(path => new FileInfo(path).Length));
        Assert.True(JsonDocument.Parse((await InProcess.RunAsync("info", Quantized, "--json")).Succeeded().Output).RootElement.GetProperty("quantized").GetBoolean());
        (await InProcess.RunAsync("quantize", TestPaths.DemoModel, Quantized)).FailedWith("is not empty");
        (await InProcess.RunAsync("quantize", Quantized, _folder["again"])).FailedWith("is quantized already");
    }

    public void Dispose() => _folder.Dispose();

    private async Task<byte[]> Embed(string input, params string[] options)
    {
        string output = _folder["out.npy"];
        (await InProcess.RunAsync(["embed", input, "--out", output, "--force", .. options])).Succeeded();
        return File.ReadAllBytes(output);
    }
}
