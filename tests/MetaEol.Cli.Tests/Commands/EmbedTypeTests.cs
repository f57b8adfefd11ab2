using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using MetaEol.Extensions.SmallVectors;
using MetaEol.Tests;

namespace MetaEol.Cli.Tests.Commands;

/// <summary><c>embed --type</c>: the same vectors in fewer bits.</summary>
public sealed class EmbedTypeTests : IDisposable
{
    private const int Rows = 3;

    private readonly TemporaryFolder _folder = new();

    private string Texts => _folder.Write("texts.txt", "Two dogs run.\nThe market fell.\nA slow song.\n");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("float16", "<f2", "F16", 512)]
    [InlineData("int8", "|i1", "I8", 256)]
    [InlineData("binary", "|u1", "U8", 32)]
    [InlineData("float32", "<f4", "F32", 1024)]
    public async Task Embed_Matrix_HoldsTheNumbersOfItsType(string type, string npy, string safetensors, int rowBytes)
    {
        (await InProcess.RunAsync("embed", Texts, "--out", _folder["full.npy"])).Succeeded();
        float[][] full = Vectors.Npy(_folder["full.npy"]);
        (await InProcess.RunAsync("embed", Texts, "--out", _folder["small.npy"], "--type", type)).Succeeded();
        (await InProcess.RunAsync("embed", Texts, "--out", _folder["small.safetensors"], "--type", type)).Succeeded();

        byte[] matrix = File.ReadAllBytes(_folder["small.npy"]), tensors = File.ReadAllBytes(_folder["small.safetensors"]);
        Assert.Equal(128 + (Rows * rowBytes), matrix.Length);
        Assert.Contains($"'descr': '{npy}', 'fortran_order': False, 'shape': (3, {(type == "binary" ? 32 : 256)}), ", Encoding.Latin1.GetString(matrix, 0, 128), StringComparison.Ordinal);
        JsonElement header = JsonDocument.Parse(tensors.AsMemory(8, (int)BinaryPrimitives.ReadInt64LittleEndian(tensors))).RootElement.GetProperty("embeddings");
        Assert.Equal(safetensors, header.GetProperty("dtype").GetString());
        Assert.Equal(Rows * rowBytes, header.GetProperty("data_offsets")[1].GetInt32());
        Assert.Equal(matrix[128..], tensors[^(Rows * rowBytes)..]);
        for (int row = 0; row < Rows; row++)
        {
            Assert.Equal(Expected(full[row], type), matrix[(128 + (row * rowBytes))..(128 + ((row + 1) * rowBytes))]);
        }
    }

    [Fact]
    public async Task Embed_JsonLines_HoldNumbersScaleAndSigns()
    {
        float[] full = await LineAsync("float32", line => line.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray());
        Assert.Equal(SmallVector.ToHalf(full), await LineAsync("float16", line => line.GetProperty("embedding").EnumerateArray().Select(value => Half.Parse(value.GetRawText(), System.Globalization.CultureInfo.InvariantCulture)).ToArray()));
        Assert.Equal(string.Concat(full.Select(value => value > 0 ? '1' : '0')), await LineAsync("binary", line => line.GetProperty("embedding").GetString()));
        sbyte[] expected = SmallVector.ToInt8(full, out float scale);
        (sbyte[] Values, float Scale) found = await LineAsync("int8", line => (line.GetProperty("embedding").EnumerateArray().Select(value => value.GetSByte()).ToArray(), line.GetProperty("embedding_scale").GetSingle()));
        Assert.Equal(expected, found.Values);
        Assert.Equal(scale, found.Scale);

        async Task<T> LineAsync<T>(string type, Func<JsonElement, T> read)
        {
            string output = _folder[$"{type}.jsonl"];
            (await InProcess.RunAsync("embed", Texts, "--out", output, "--type", type)).Succeeded();
            return read(Vectors.Lines(output)[1]);
        }
    }

    [Fact]
    public async Task Embed_ResumeWithAnotherType_IsRefused()
    {
        string texts = Texts, output = _folder["vectors.npy"];
        Tool.Result first = (await InProcess.RunAsync("embed", texts, "--out", output, "--type", "int8", "--json")).Succeeded();
        Assert.Equal("int8", JsonDocument.Parse(first.Output).RootElement.GetProperty("type").GetString());
        Assert.Contains("complete already", (await InProcess.RunAsync("embed", texts, "--out", output, "--type", "int8", "--resume")).Succeeded().Error, StringComparison.Ordinal);
        (await InProcess.RunAsync("embed", texts, "--out", output, "--resume")).FailedWith("the type of the vectors");
        (await InProcess.RunAsync("embed", texts, "--out", output, "--type", "int4")).FailedWith("--type is 'int4': write float32, float16, int8 or binary", exitCode: 2);
    }

    private static byte[] Expected(float[] vector, string type)
    {
        switch (type)
        {
            case "int8":
                return Array.ConvertAll(SmallVector.ToInt8(vector, out _), value => (byte)value);
            case "binary":
                return [.. vector.Chunk(8).Select(chunk => (byte)chunk.Select((value, bit) => value > 0 ? 128 >> bit : 0).Sum())];
            default:
                return [.. vector.SelectMany(value => type == "float16" ? BitConverter.GetBytes((Half)value) : BitConverter.GetBytes(value))];
        }
    }
}
