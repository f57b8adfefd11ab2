using System.Globalization;
using System.Text.Json;

namespace MetaEol.Llama.ModelFiles;

/// <summary>A value in a JSON file of a model folder that knows where it stands: every getter names file, key, value and what is accepted when the value is wrong.</summary>
/// <remarks>A class: lists of it need no code of their own, and when a process starts, every method compiled counts.</remarks>
/// <param name="value">The value.</param>
/// <param name="source">The file, as messages name it.</param>
/// <param name="path">The way to the value, such as <c>pre_tokenizer.pretokenizers[1]</c>; empty for the whole file.</param>
internal sealed class JsonSection(JsonElement value, string source, string path = "")
{
    /// <summary>The value; its kind is undefined where there is none.</summary>
    public JsonElement Value => value;

    /// <summary>The value as it stands in the file; empty where there is none.</summary>
    public string RawText => value.ValueKind == JsonValueKind.Undefined ? "" : value.GetRawText();

    /// <summary>Whether there is no value, or null.</summary>
    public bool IsNothing => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>Whether the object has no keys.</summary>
    public bool IsEmpty => value.GetPropertyCount() == 0;

    /// <summary>Whether the key is there, with null or any other value.</summary>
    public bool Has(string key) => Find(key).ValueKind != JsonValueKind.Undefined;

    /// <summary>Whether the key is there with a value other than null.</summary>
    public bool HasValue(string key) => !Member(key).IsNothing;

    /// <summary>A member, or one without a value if there is none.</summary>
    public JsonSection Member(string key) => new(Find(key), source, PathTo(key));

    /// <summary>The object of a key, or null where it is missing or null.</summary>
    public JsonSection? Section(string key)
    {
        JsonSection member = Member(key);
        return member.IsNothing ? null
            : member.Value.ValueKind == JsonValueKind.Object ? member
            : throw member.Invalid("an object");
    }

    /// <summary>The integer of a key, or null where it is missing or null.</summary>
    public int? Integer(string key, int minimum, int maximum = int.MaxValue)
    {
        JsonSection member = Member(key);
        return member.IsNothing ? null : member.AsInteger(minimum, maximum);
    }

    /// <summary>The integer of a key that has to be there.</summary>
    public int RequiredInteger(string key, int minimum, int maximum) => Member(key).AsInteger(minimum, maximum);

    /// <summary>The number of a key, or null where it is missing or null.</summary>
    public double? Number(string key, double minimum, double maximum)
    {
        JsonSection member = Member(key);
        return member.IsNothing ? null : member.AsNumber(minimum, maximum);
    }

    /// <summary>The numbers of an array, or null where the key is missing or null.</summary>
    public double[]? Numbers(string key, double minimum, double maximum)
    {
        JsonSection member = Member(key);
        return member.IsNothing ? null : [.. member.AsItems().Select(item => item.AsNumber(minimum, maximum))];
    }

    /// <summary>The truth value of a key, or null where it is missing or null.</summary>
    public bool? Flag(string key)
    {
        JsonSection member = Member(key);
        return member.Value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            _ => throw member.Invalid("true or false"),
        };
    }

    /// <summary>The string of a key, or null where it is missing or null.</summary>
    public string? Text(string key)
    {
        JsonSection member = Member(key);
        return member.IsNothing ? null : member.AsText();
    }

    /// <summary>The string of a key that has to be there.</summary>
    public string RequiredText(string key) => Member(key).AsText();

    /// <summary>The strings of an array, or null where the key is missing or null.</summary>
    public string[]? Texts(string key)
    {
        JsonSection member = Member(key);
        return member.IsNothing ? null
            : member.Value.ValueKind == JsonValueKind.Array ? [.. member.AsItems().Select(item => item.AsText())]
            : throw member.Invalid("an array of strings");
    }

    /// <summary>The items of an array that has to be there.</summary>
    public List<JsonSection> Items(string key) => Member(key).AsItems();

    /// <summary>This value as the items of an array.</summary>
    public List<JsonSection> AsItems()
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("an array");
        }

        List<JsonSection> items = new(value.GetArrayLength());
        foreach (JsonElement item in value.EnumerateArray())
        {
            items.Add(new(item, source, $"{path}[{items.Count}]"));
        }

        return items;
    }

    /// <summary>The members of this object.</summary>
    public List<JsonSection> Members()
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("an object");
        }

        try
        {
            List<JsonSection> members = [];
            foreach (JsonProperty member in value.EnumerateObject())
            {
                members.Add(new(member.Value, source, PathTo(member.Name)));
            }

            return members;
        }
        catch (InvalidOperationException exception)
        {
            throw Fail("has a key that is not valid Unicode.", exception);
        }
    }

    /// <summary>This value as an integer.</summary>
    public int AsInteger(int minimum, int maximum) =>
        // Python writes some integers as 4096.0.
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
        && number >= minimum && number <= maximum && number == Math.Floor(number)
            ? (int)number
            : throw Invalid($"an integer from {minimum} to {maximum}");

    /// <summary>This value as a number.</summary>
    public double AsNumber(double minimum, double maximum) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= minimum && number <= maximum
            ? number
            : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}"));

    /// <summary>This value as a string.</summary>
    public string AsText()
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid("a string");
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate.
            throw Invalid("a string of valid Unicode");
        }
    }

    /// <summary>The exception for this value.</summary>
    public InvalidModelException Invalid(string expected) => value.ValueKind == JsonValueKind.Undefined
        ? Fail($"is missing; expected {expected}.")
        : Fail($"is {ModelFile.Quote(value)}; expected {expected}.");

    /// <summary>The exception for the value of a key.</summary>
    public InvalidModelException Invalid(string key, string expected) => Member(key).Invalid(expected);

    /// <summary>The exception for a key that has to be there.</summary>
    public InvalidModelException Missing(string key, string expected) => new JsonSection(default, source, PathTo(key)).Invalid(expected);

    /// <summary>The exception for a value that others understand and this library does not.</summary>
    public InvalidModelException Unsupported(string key, string supported) =>
        Member(key).Fail($"is {ModelFile.Quote(Find(key))}, which is not supported. Supported are {supported}.");

    /// <summary>The exception for something that concerns several keys.</summary>
    public InvalidModelException Inconsistent(string message) => new($"{source}: {message}");

    /// <summary>The exception for this value, in words of the caller's: "has …", "is …".</summary>
    public InvalidModelException Fail(string what, Exception? cause = null) => new(path.Length == 0 ? $"{source} {what}" : $"{source}: '{path}' {what}", cause);

    private JsonElement Find(string key) => value.ValueKind != JsonValueKind.Object ? throw Invalid("an object")
        : value.TryGetProperty(key, out JsonElement member) ? member
        : default;

    private string PathTo(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
