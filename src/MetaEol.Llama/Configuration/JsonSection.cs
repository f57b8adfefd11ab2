using System.Globalization;
using System.Text.Json;

namespace MetaEol.Llama.Configuration;

/// <summary>A JSON object of a model folder; every getter names file, key, value and accepted range when the value is wrong.</summary>
internal readonly struct JsonSection(JsonElement element, string source, string path = "")
{
    /// <summary>Whether the object has no keys.</summary>
    public bool IsEmpty => element.GetPropertyCount() == 0;

    /// <summary>Whether the key is there, with null or any other value.</summary>
    public bool Has(string key) => element.TryGetProperty(key, out _);

    /// <summary>Whether the key is there with a value other than null.</summary>
    public bool HasValue(string key) => TryGet(key, out _);

    /// <summary>The integer of a key, or null where it is missing or null.</summary>
    public int? Integer(string key, int minimum, int maximum = int.MaxValue)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        // Python writes some integers as 4096.0.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            && number >= minimum && number <= maximum && number == Math.Floor(number))
        {
            return (int)number;
        }

        throw Invalid(key, value, $"an integer from {minimum} to {maximum}");
    }

    /// <summary>The number of a key, or null where it is missing or null.</summary>
    public double? Number(string key, double minimum, double maximum)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        throw Invalid(key, value, string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}"));
    }

    /// <summary>The truth value of a key, or null where it is missing or null.</summary>
    public bool? Flag(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Invalid(key, value, "true or false");
    }

    /// <summary>The string of a key, or null where it is missing or null.</summary>
    public string? Text(string key) => TryGet(key, out JsonElement value) ? AsText(key, value) : null;

    /// <summary>The strings of an array, or null where the key is missing or null.</summary>
    public string[]? Texts(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Invalid(key, value, "an array of strings");
        }

        string[] texts = new string[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            texts[index++] = AsText(key, item);
        }

        return texts;
    }

    /// <summary>The numbers of an array, or null where the key is missing or null.</summary>
    public double[]? Numbers(string key, double minimum, double maximum)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        string expected = string.Create(CultureInfo.InvariantCulture, $"numbers from {minimum} to {maximum}");
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Invalid(key, value, $"an array of {expected}");
        }

        double[] numbers = new double[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            numbers[index++] = item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out double number) && number >= minimum && number <= maximum
                ? number
                : throw Invalid(key, item, expected);
        }

        return numbers;
    }

    /// <summary>The object of a key, or null where it is missing or null.</summary>
    public JsonSection? Section(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object ? new JsonSection(value, source, path + key + ".") : throw Invalid(key, value, "an object");
    }

    /// <summary>The exception for the value of a key.</summary>
    public InvalidModelException Invalid(string key, string expected) =>
        element.TryGetProperty(key, out JsonElement value) ? Invalid(key, value, expected) : Missing(key, expected);

    /// <summary>The exception for a key that has to be there.</summary>
    public InvalidModelException Missing(string key, string expected) => new($"{source}: '{path}{key}' is missing; expected {expected}.");

    /// <summary>The exception for something that concerns several keys.</summary>
    public InvalidModelException Inconsistent(string message) => new($"{source}: {message}");

    private bool TryGet(string key, out JsonElement value) =>
        element.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private string AsText(string key, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid(key, value, "a string");
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate.
            throw Invalid(key, value, "a string of valid Unicode");
        }
    }

    private InvalidModelException Invalid(string key, JsonElement value, string expected) =>
        new($"{source}: '{path}{key}' is {ModelFile.Quote(value)}; expected {expected}.");
}
