using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MetaEol.Cli.Files;
using MetaEol.Extensions.SmallVectors;

namespace MetaEol.Cli.Embedding;

/// <summary>
/// What an output is made from, and how far it is: kept beside an unfinished one, so that only the same again can go on with it, and beside a finished one, so that
/// it can be told what it is.
/// </summary>
/// <param name="Generator">Fingerprint of model, templates, layer and options.</param>
/// <param name="Input">Identity of the input.</param>
/// <param name="Format">Format of the output.</param>
/// <param name="BatchSize">Rows per batch.</param>
internal sealed record EmbedState(string Generator, string Input, OutputFormat Format, int BatchSize)
{
    private const int LongestFile = 1 << 20;

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The model's name, for people.</summary>
    public string? Model { get; init; }

    /// <summary>The template set's name, for people.</summary>
    public string? Templates { get; init; }

    /// <summary>Values of a vector.</summary>
    public int Dimensions { get; init; }

    /// <summary>The numbers of a vector.</summary>
    public VectorType Type { get; init; }

    /// <summary>Rows that are written.</summary>
    public long Rows { get; init; }

    /// <summary>Texts of the input that are done.</summary>
    public long Texts { get; init; }

    /// <summary>Passages of the next text that are done.</summary>
    public int Passages { get; init; }

    /// <summary>Texts and passages that got no row.</summary>
    public long Skipped { get; init; }

    /// <summary>Texts and passages whose end was cut off.</summary>
    public long Cut { get; init; }

    /// <summary>Bytes of the output that belong to it.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes of the list of rows; null if there is none.</summary>
    public long? RowListBytes { get; init; }

    /// <summary>Bytes of the list of what was skipped or cut.</summary>
    public long ProblemListBytes { get; init; }

    /// <summary>A hash over the output's beginning and end; null as long as it is not finished.</summary>
    public string? Sample { get; init; }

    /// <summary>A hash over all the rest, by which a state that was damaged or changed is noticed; null as long as it is not written.</summary>
    public string? Check { get; init; }

    /// <summary>How much of the input is done.</summary>
    [JsonIgnore]
    public InputPlace Place => new(Texts, Passages);

    /// <summary>Whether nothing is left to do.</summary>
    [JsonIgnore]
    public bool IsComplete => Sample is not null;

    /// <summary>Reads a state; null if there is none, or none as it was written.</summary>
    public static EmbedState? Read(string path)
    {
        try
        {
            EmbedState? state = new FileInfo(path) is { Exists: true, Length: > 0 and < LongestFile } ? JsonSerializer.Deserialize<EmbedState>(File.ReadAllText(path), JsonOptions) : null;
            return state?.Check == state?.ComputeCheck() ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(string path) => Durable.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this with { Check = ComputeCheck() }, JsonOptions));

    /// <summary>What differs from another run, for people; empty if nothing does.</summary>
    public string DifferenceTo(EmbedState other)
    {
        string[] differences =
        [
            .. Generator == other.Generator ? Array.Empty<string>() : ["model, templates, layer or options"],
            .. Input == other.Input ? Array.Empty<string>() : ["the input"],
            .. Dimensions == other.Dimensions ? Array.Empty<string>() : ["the dimensions"],
            .. Format == other.Format ? Array.Empty<string>() : ["the format"],
            .. Type == other.Type ? Array.Empty<string>() : ["the type of the vectors"],
            .. BatchSize == other.BatchSize ? Array.Empty<string>() : [string.Create(CultureInfo.InvariantCulture, $"the batch size ({BatchSize} then)")],
        ];
        return string.Join(" and ", differences);
    }

    private string ComputeCheck() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Check = null }, JsonOptions)).AsSpan(0, 16));
}
