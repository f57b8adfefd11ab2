using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using MetaEol.Extensions;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.Requests;

/// <summary>A request's JSON object. Fields that nobody asks for are ignored; one that is wrong is an error with its name. A null field counts as missing.</summary>
internal sealed class JsonBody : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    private readonly JsonDocument? _document;
    private readonly JsonElement _object;
    private readonly string _prefix;

    private JsonBody(JsonDocument? document, JsonElement value, string prefix)
    {
        _document = document;
        _object = value;
        _prefix = prefix;
    }

    /// <summary>Reads a request's body to its end.</summary>
    /// <exception cref="RequestFailureException">It is no JSON object.</exception>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return Create(await JsonDocument.ParseAsync(request.Body, Options, cancellationToken).ConfigureAwait(false));
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, from bytes.</summary>
    /// <exception cref="RequestFailureException">They are no JSON object.</exception>
    public static JsonBody Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return Create(JsonDocument.Parse(utf8, Options));
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => TryGet(name, out JsonElement value)
        ? value.ValueKind == JsonValueKind.String ? ReadText(value, Path(name)) : throw Wrong(name, "a text", value)
        : null;

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name, "a text");

    /// <summary>A whole number that is at least <paramref name="least"/>, or null.</summary>
    public int? Number(string name, int least) => TryGet(name, out JsonElement value)
        ? value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least ? number : throw Wrong(name, $"a whole number from {least} to {int.MaxValue}", value)
        : null;

    /// <summary>True or false; <paramref name="missing"/> where the field is missing.</summary>
    public bool Flag(string name, bool missing) => TryGet(name, out JsonElement value)
        ? value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, "true or false", value),
        }
        : missing;

    /// <summary>One of a few words, in any letter case; the first where the field is missing.</summary>
    public string Word(string name, params string[] words)
    {
        string? given = Text(name);
        return given is null ? words[0] : Array.Find(words, word => word.Equals(given, StringComparison.OrdinalIgnoreCase))
            ?? throw new RequestFailureException(FailureKind.Invalid, $"'{Path(name)}' is '{Shortened(given)}': write {string.Join(" or ", words.Select(word => $"'{word}'"))}.", Path(name));
    }

    /// <summary>An object that must be there.</summary>
    public JsonBody RequiredObject(string name) => TryGet(name, out JsonElement value)
        ? value.ValueKind == JsonValueKind.Object ? new JsonBody(null, value, $"{Path(name)}.") : throw Wrong(name, "an object", value)
        : throw Missing(name, "an object");

    /// <summary>A layer: a number, or a text such as <c>75%</c>; or null.</summary>
    public LayerSelector? Layer(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        string text = value.ValueKind == JsonValueKind.String ? ReadText(value, Path(name)) : value.GetRawText();
        return LayerSelector.TryParse(text, null, out LayerSelector layer) ? layer : throw Wrong(name, "a layer: an index such as -1 or 12, or a depth such as '75%'", value);
    }

    /// <summary>An object, or null.</summary>
    public JsonBody? OptionalObject(string name) => TryGet(name, out _) ? RequiredObject(name) : null;

    /// <summary>Texts: a list of them that must be there.</summary>
    public string[] RequiredTexts(string name, int most)
    {
        if (!TryGet(name, out JsonElement value))
        {
            throw Missing(name, "a list of texts");
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(name, "a list of texts", value);
        }

        ThrowIfTooMany(name, value, most);
        string[] texts = new string[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            texts[index] = item.ValueKind == JsonValueKind.String ? ReadText(item, $"{Path(name)}[{index}]") : throw Wrong($"{name}[{index}]", "a text", item);
            index++;
        }

        return texts;
    }

    /// <summary>What is to be embedded: a text, texts, the token ids of one text, or lists of token ids.</summary>
    /// <param name="name">The field.</param>
    /// <param name="most">Most texts.</param>
    /// <param name="emptyKind">What an empty list is.</param>
    public EmbeddingInput RequiredInput(string name, int most, FailureKind emptyKind = FailureKind.Invalid)
    {
        const string Accepted = "a text, a list of texts, a list of token ids, or a list of such lists";
        if (!TryGet(name, out JsonElement value))
        {
            throw Missing(name, Accepted);
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return new EmbeddingInput(Path(name), [ReadText(value, Path(name))], null, isList: false);
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(name, Accepted, value);
        }

        if (value.GetArrayLength() == 0)
        {
            throw new RequestFailureException(emptyKind, $"'{Path(name)}' is an empty list: write at least one text.", Path(name));
        }

        switch (value[0].ValueKind)
        {
            case JsonValueKind.String:
                return new EmbeddingInput(Path(name), RequiredTexts(name, most), null, isList: true);
            case JsonValueKind.Number:
                return new EmbeddingInput(Path(name), null, [ReadIds(value, name)], isList: false);
            case JsonValueKind.Array:
                ThrowIfTooMany(name, value, most);
                int[][] lists = new int[value.GetArrayLength()][];
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    string place = $"{name}[{index}]";
                    lists[index++] = item.ValueKind != JsonValueKind.Array ? throw Wrong(place, "a list of token ids, as the items before it", item)
                        : item.GetArrayLength() == 0 ? throw new RequestFailureException(emptyKind, $"'{Path(place)}' is an empty list: write at least one token id.", Path(name))
                        : ReadIds(item, place);
                }

                return new EmbeddingInput(Path(name), null, lists, isList: true);
            default:
                throw Wrong($"{name}[0]", "a text, a token id, or a list of token ids", value[0]);
        }
    }

    public void Dispose() => _document?.Dispose();

    private static JsonBody Create(JsonDocument document)
    {
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return new JsonBody(document, document.RootElement, "");
        }

        string kind = Describe(document.RootElement);
        document.Dispose();
        throw new RequestFailureException(FailureKind.Invalid, $"The body is {kind}: write a JSON object.");
    }

    private static RequestFailureException NotJson(JsonException e) =>
        new(FailureKind.Invalid, $"The body is no valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).", inner: e);

    // What is asked for is named by the last of equal names, as in JavaScript and Python.
    private bool TryGet(string name, out JsonElement value)
    {
        try
        {
            return _object.TryGetProperty(name, out value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
        }
        catch (InvalidOperationException e)
        {
            throw new RequestFailureException(FailureKind.Invalid, "The name of a field holds half of a surrogate pair, or bytes that are no UTF-8.", inner: e);
        }
    }

    private static string ReadText(JsonElement value, string path)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new RequestFailureException(FailureKind.Invalid, $"'{path}' is no valid text: it holds half of a surrogate pair, or bytes that are no UTF-8.", path, e);
        }
    }

    private int[] ReadIds(JsonElement list, string name)
    {
        int[] ids = new int[list.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            ids[index] = item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 ? id : throw Wrong($"{name}[{index}]", "a token id, a whole number from 0", item);
            index++;
        }

        return ids;
    }

    private void ThrowIfTooMany(string name, JsonElement list, int most)
    {
        if (list.GetArrayLength() > most)
        {
            throw new RequestFailureException(FailureKind.Invalid, $"'{Path(name)}' has {list.GetArrayLength()} items; one request may have {most}. Send it in parts.", Path(name));
        }
    }

    private string Path(string name) => _prefix + name;

    private RequestFailureException Missing(string name, string wanted) => new(FailureKind.Invalid, $"'{Path(name)}' is missing: write {wanted}.", Path(name));

    private RequestFailureException Wrong(string name, string wanted, JsonElement value)
    {
        string path = Path(name);
        int bracket = path.IndexOf('[', StringComparison.Ordinal);
        return new RequestFailureException(FailureKind.Invalid, $"'{path}' is {Describe(value)}: write {wanted}.", bracket < 0 ? path : path[..bracket]);
    }

    [SuppressMessage("Style", "IDE0072", Justification = "All others are named by the last arm.")]
    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {Shortened(value.GetRawText())}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    private static string Shortened(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
