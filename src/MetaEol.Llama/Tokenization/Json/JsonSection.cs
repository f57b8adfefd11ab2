using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MetaEol.Llama.Tokenization;

/// <summary>A value of a JSON file that knows where it stands, so that errors can say it.</summary>
/// <remarks>A class: lists of it need no code of their own, and when a process starts, every method compiled counts.</remarks>
/// <param name="File">The file.</param>
/// <param name="Path">The way to the value: <c>pre_tokenizer.pretokenizers[1]</c>.</param>
/// <param name="Value">The value.</param>
internal sealed record JsonSection(string File, string Path, JsonElement Value)
{
    /// <summary>Whether it is an object or an array, and not null.</summary>
    public bool HasContent => Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array;

    /// <summary>The exception for this value.</summary>
    public InvalidModelException Fail(string what) => new($"'{File}': {Path} {what}");

    /// <summary>The member <c>type</c>.</summary>
    public string Type => Text("type");

    /// <summary>A member, or one whose kind is undefined if there is none.</summary>
    public JsonSection Member(string name)
    {
        if (Value.ValueKind != JsonValueKind.Object)
        {
            throw Fail($"is {Describe()}, expected an object.");
        }

        return new(File, $"{Path}.{name}", Value.TryGetProperty(name, out JsonElement member) ? member : default);
    }

    /// <summary>A string member that must be there.</summary>
    public string Text(string name) => OptionalText(name) ?? throw Member(name).Fail("is missing, expected a string.");

    /// <summary>A string member, or null if it is missing or null.</summary>
    public string? OptionalText(string name)
    {
        JsonSection member = Member(name);
        return member.IsNothing ? null : member.AsText();
    }

    public bool Flag(string name, bool fallback)
    {
        JsonSection member = Member(name);
        return member.Value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Undefined or JsonValueKind.Null => fallback,
            _ => throw member.Fail($"is {member.Describe()}, expected true or false."),
        };
    }

    public int Number(string name, int minimum, int maximum) => Member(name).AsNumber(minimum, maximum);

    public int AsNumber(int minimum, int maximum) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out long number) && number >= minimum && number <= maximum
            ? (int)number
            : throw Fail($"is {Describe()}, expected a whole number from {minimum} to {maximum}.");

    public string AsText()
    {
        if (Value.ValueKind != JsonValueKind.String)
        {
            throw Fail($"is {Describe()}, expected a string.");
        }

        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidModelException($"'{File}': {Path} is not valid text: {exception.Message}", exception);
        }
    }

    /// <summary>The items of an array member that must be there.</summary>
    public IEnumerable<JsonSection> Items(string name) => Member(name).AsItems();

    /// <summary>The items of an array.</summary>
    public List<JsonSection> AsItems()
    {
        if (Value.ValueKind != JsonValueKind.Array)
        {
            throw Fail($"is {Describe()}, expected an array.");
        }

        List<JsonSection> items = [];
        foreach (JsonElement item in Value.EnumerateArray())
        {
            items.Add(new(File, $"{Path}[{items.Count}]", item));
        }

        return items;
    }

    public bool IsNothing => Value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The exception for a type that this library has not got.</summary>
    [DoesNotReturn]
    public void FailType(string what, string type, string supported) => throw Fail($"has the {what} '{type}', which is not supported. Supported are {supported}.");

    private string Describe()
    {
        if (Value.ValueKind == JsonValueKind.Undefined)
        {
            return "missing";
        }

        string text = Value.GetRawText();
        return text.Length <= 60 ? text : text[..57] + "...";
    }
}
