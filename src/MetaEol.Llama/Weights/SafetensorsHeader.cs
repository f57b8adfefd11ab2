using System.Collections.ObjectModel;
using System.Text.Json;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Weights;

/// <summary>The header of a safetensors file, checked against the length of the file.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The name in the header that is no tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private SafetensorsHeader(Dictionary<string, TensorInfo> tensors, Dictionary<string, string> metadata)
    {
        Tensors = tensors.AsReadOnly();
        Metadata = metadata.AsReadOnly();
    }

    public ReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    public ReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Parses a header whose data go from <paramref name="dataStart"/> to <paramref name="fileLength"/>.</summary>
    /// <exception cref="InvalidModelException">It breaks a rule of the format.</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, string path, long dataStart, long fileLength)
    {
        using JsonDocument document = ModelFile.ParseJson(json, $"The header of '{path}'");
        var tensors = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                {
                    ReadMetadata(property.Value, metadata, path);
                }
                else
                {
                    TensorInfo tensor = ReadTensor(property, path, dataStart, fileLength);
                    tensors.Add(tensor.Name, tensor);
                }
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidModelException($"The header of '{path}' has a string that is not valid Unicode.", exception);
        }

        CheckLayout(tensors.Values, path, dataStart, fileLength);
        return new SafetensorsHeader(tensors, metadata);
    }

    /// <summary>Bits of one element of each number type of the format.</summary>
    private static int GetBits(string dataType) => dataType switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 8,
        "I16" or "U16" or "F16" or "BF16" => 16,
        "I32" or "U32" or "F32" => 32,
        "I64" or "U64" or "F64" or "C64" => 64,
        _ => 0,
    };

    private static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata, string path)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(path, MetadataKey, "is", value, "an object of strings");
        }

        foreach (JsonProperty entry in value.EnumerateObject())
        {
            metadata.Add(entry.Name, entry.Value.ValueKind == JsonValueKind.String
                ? entry.Value.GetString()!
                : throw Invalid(path, MetadataKey, "has", entry.Value, "strings only"));
        }
    }

    private static TensorInfo ReadTensor(JsonProperty property, string path, long dataStart, long fileLength)
    {
        string name = property.Name;
        JsonElement entry = property.Value;
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("dtype", out JsonElement dtype)
            || !entry.TryGetProperty("shape", out JsonElement sizes)
            || !entry.TryGetProperty("data_offsets", out JsonElement offsets))
        {
            throw Invalid(path, name, "is described by", entry, "an object with 'dtype', 'shape' and 'data_offsets'");
        }

        string type = dtype.ValueKind == JsonValueKind.String ? dtype.GetString()! : throw Invalid(path, name, "has dtype", dtype, "a string");
        int bits = GetBits(type);
        if (bits == 0)
        {
            throw Invalid(path, name, "has dtype", dtype, "a number type of the safetensors format, such as F32, F16 or BF16");
        }

        long[] shape = ReadNumbers(sizes) ?? throw Invalid(path, name, "has shape", sizes, "an array of integers, zero or more");
        long dataLength = fileLength - dataStart;
        if (ReadNumbers(offsets) is not [long begin, long end] || begin > end || end > dataLength)
        {
            throw Invalid(path, name, "has data_offsets", offsets, $"[begin, end] with 0 <= begin <= end <= {dataLength}, the bytes behind the header");
        }

        long expected = CountBytes(shape, bits) ?? throw Invalid(path, name, "has shape", sizes, "a tensor that fits into a file");
        return expected == end - begin
            ? new TensorInfo(name, type, shape, dataStart + begin, expected)
            : throw Invalid(path, name, "has data_offsets", offsets, $"{expected} bytes, as {type} with shape [{string.Join(", ", shape)}] has");
    }

    private static long[]? ReadNumbers(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        long[] numbers = new long[array.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long number) || number < 0)
            {
                return null;
            }

            numbers[index++] = number;
        }

        return numbers;
    }

    private static long? CountBytes(long[] shape, int bits)
    {
        try
        {
            long total = bits;
            foreach (long size in shape)
            {
                total = checked(total * size);
            }

            return total % 8 == 0 ? total / 8 : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    // The format knows neither overlaps nor holes: whatever lies between tensors could be anything.
    private static void CheckLayout(IEnumerable<TensorInfo> tensors, string path, long dataStart, long fileLength)
    {
        long next = dataStart;
        string last = "the header";
        foreach (TensorInfo tensor in tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteCount))
        {
            if (tensor.Offset != next)
            {
                string fault = tensor.Offset < next ? "overlaps" : "leaves a hole behind";
                throw new InvalidModelException(
                    $"'{path}': tensor {ModelFile.Quote(tensor.Name)} begins at byte {tensor.Offset} and {fault} {last}, which ends at {next}; expected tensors one behind another.");
            }

            next += tensor.ByteCount;
            last = ModelFile.Quote(tensor.Name);
        }

        if (next != fileLength)
        {
            throw new InvalidModelException($"'{path}' has {fileLength} bytes, but its tensors end at byte {next}; expected nothing behind them.");
        }
    }

    private static InvalidModelException Invalid(string path, string name, string what, JsonElement found, string expected) =>
        new($"'{path}': tensor {ModelFile.Quote(name)} {what} {ModelFile.Quote(found)}; expected {expected}.");
}
