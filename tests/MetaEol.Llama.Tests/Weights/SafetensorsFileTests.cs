using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Weights;

public sealed class SafetensorsFileTests
{
    [Fact]
    public unsafe void Open_GoodFile_ListsTensorsWithTheirBytes()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        new SafetensorsWriter()
            .Add("b", "F32", [2, 3], 1, 2, 3, 4, 5, 6)
            .Add("a", "BF16", [2], 0.5f, -2)
            .Add("scalar", "I64", [], new byte[8])
            .Add("empty", "F16", [0, 7], Array.Empty<byte>())
            .Write(path);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(path, file.Path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(["a", "b", "empty", "scalar"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        TensorInfo tensor = file.Tensors["b"];
        Assert.Equal(("b", "F32", 24L), (tensor.Name, tensor.DataType, tensor.ByteCount));
        Assert.Equal([2L, 3L], tensor.Shape);
        Assert.Empty(file.Tensors["scalar"].Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], MemoryMarshal.Cast<byte, float>(new ReadOnlySpan<byte>(file.GetPointer(tensor), 24)).ToArray());
        Assert.Equal(0x3F00, *(ushort*)file.GetPointer(file.Tensors["a"]));
    }

    [Fact]
    public unsafe void GetPointer_OtherFilesTensorOrDisposedFile_Throws()
    {
        using var folder = new TemporaryFolder();
        new SafetensorsWriter().Add("a", "F32", [1], 1f).Write(folder.File("a.safetensors"));
        SafetensorsFile one = SafetensorsFile.Open(folder.File("a.safetensors"));
        using SafetensorsFile two = SafetensorsFile.Open(folder.File("a.safetensors"));

        Assert.Throws<ArgumentException>(() => (nint)one.GetPointer(two.Tensors["a"]));
        one.Dispose();
        one.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)one.GetPointer(one.Tensors["a"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(-1)]
    [InlineData(-4)]
    public void Open_TruncatedFile_Throws(int length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        new SafetensorsWriter().Add("a", "F32", [8], new float[8]).Write(path);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(length < 0 ? bytes.Length + length : length)]);

        AssertInvalid(path, path);
    }

    [Theory]
    [InlineData(3UL)]
    [InlineData(100_000_001UL)]
    [InlineData(0x7FFF_FFFF_FFFF_FFFFUL)]
    [InlineData(0x8000_0000_0000_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void Open_HeaderLengthBeyondTheFile_ThrowsWithoutAllocatingIt(ulong length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        SafetensorsWriter.WriteRaw(path, length, "{}"u8, []);
        long before = GC.GetAllocatedBytesForCurrentThread();

        AssertInvalid(path, length.ToString());

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":4}")]
    [InlineData("{\"a\":null}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"__metadata__\":[],\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"__metadata__\":{\"x\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"\\udfff\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    public void Open_MalformedHeader_Throws(string header)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        byte[] bytes = Encoding.UTF8.GetBytes(header);
        SafetensorsWriter.WriteRaw(path, (ulong)bytes.Length, bytes, new byte[4]);

        AssertInvalid(path, path);
    }

    [Fact]
    public void Open_HeaderThatIsNotUtf8_Throws()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        SafetensorsWriter.WriteRaw(path, 9, [(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'{', (byte)'}', (byte)'}'], []);

        AssertInvalid(path, "UTF-8");
    }

    [Theory]
    [InlineData("dtype", "\"F33\"")]
    [InlineData("dtype", "32")]
    [InlineData("dtype", "\"F16\"")]
    [InlineData("dtype", "null")]
    [InlineData("shape", "[9]")]
    [InlineData("shape", "[-8]")]
    [InlineData("shape", "[-2, -4]")]
    [InlineData("shape", "[8.5]")]
    [InlineData("shape", "8")]
    [InlineData("shape", "[4611686018427387904, 4611686018427387904]")]
    [InlineData("shape", "[4294967296, 4294967304]")]
    [InlineData("shape", "[99999999999999999999]")]
    [InlineData("data_offsets", "[0]")]
    [InlineData("data_offsets", "[0, 16, 32]")]
    [InlineData("data_offsets", "[32, 0]")]
    [InlineData("data_offsets", "[-32, 0]")]
    [InlineData("data_offsets", "[0, 64]")]
    [InlineData("data_offsets", "[1000000, 1000032]")]
    [InlineData("data_offsets", "[9223372036854775775, 9223372036854775807]")]
    [InlineData("data_offsets", "\"0-32\"")]
    public void Open_LyingHeader_NamesTheTensor(string key, string value)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        var writer = new SafetensorsWriter { EditHeader = header => header["first"]![key] = JsonNode.Parse(value) };
        writer.Add("first", "F32", [8], new float[8]).Write(path);

        AssertInvalid(path, "'first'");
    }

    [Theory]
    [InlineData(16, 48, "overlaps")]
    [InlineData(0, 32, "overlaps")]
    [InlineData(40, 72, "hole")]
    public void Open_OverlappingOrScatteredTensors_NamesThem(long begin, long end, string fault)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        var writer = new SafetensorsWriter { EditHeader = header => header["second"]!["data_offsets"] = new JsonArray(begin, end) };
        writer.Add("first", "F32", [8], new float[8]).Add("second", "F32", [8], new float[8]).Write(path);
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.SetLength(stream.Length + 8);
        }

        AssertInvalid(path, "second");
        AssertInvalid(path, fault);
    }

    [Fact]
    public void Open_BytesBehindTheLastTensor_Throws()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        new SafetensorsWriter().Add("a", "F32", [8], new float[8]).Write(path);
        File.AppendAllText(path, "x");

        AssertInvalid(path, "nothing behind");
    }

    [Fact]
    public void Open_HundredThousandsOfTensors_TakesTimeInProportion()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        var writer = new SafetensorsWriter();
        for (int i = 0; i < 400_000; i++)
        {
            writer.Add($"tensor.{i}", "U8", [1], [(byte)i]);
        }

        writer.Write(path);

        using SafetensorsFile file = TimeLimit.Run(() => SafetensorsFile.Open(path));

        Assert.Equal(400_000, file.Tensors.Count);
    }

    [Fact]
    public void Open_RandomDamage_NeverGivesAnythingButAnInvalidModelException()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        new SafetensorsWriter().Add("first", "F32", [8], new float[8]).Add("second", "BF16", [4, 2], new float[8]).Write(path);
        byte[] original = File.ReadAllBytes(path);
        var random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = [.. original];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length - 48)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)]);
            try
            {
                SafetensorsFile.Open(path).Dispose();
            }
            catch (InvalidModelException)
            {
                refused++;
            }
        }

        Assert.True(refused > 400, $"{refused} of 500 refused");
    }

    [Fact]
    public void Open_MissingFile_NamesIt()
    {
        using var folder = new TemporaryFolder();
        AssertInvalid(folder.File("no.safetensors"), folder.File("no.safetensors"));
    }

    private static void AssertInvalid(string path, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidModelException>(() => SafetensorsFile.Open(path).Dispose()).Message, StringComparison.Ordinal);
}
