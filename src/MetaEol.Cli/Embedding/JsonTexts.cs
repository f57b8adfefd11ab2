using System.Text.Json;

namespace MetaEol.Cli.Embedding;

/// <summary>Texts of JSON lines: an object on each line, with the text in one of its fields.</summary>
internal static class JsonTexts
{
    private const int LongestQuote = 200;

    public static IEnumerable<TextRecord> Read(DecodedText text, string name, string field)
    {
        long index = 0;
        for (int number = 1; text.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                string source = $"{name}, line {number}";
                TextRecord record = new() { Index = index++, Source = source, Position = 0, Line = number, TextName = field };
                yield return Parse(record, text.Unmark(line, source), field);
            }
        }
    }

    private static TextRecord Parse(TextRecord record, string line, string field)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(field, out JsonElement value) || value.ValueKind != JsonValueKind.String)
            {
                return record with { Error = $"expected a JSON object with a text in the field '{field}'; --field names another one." };
            }

            return record with { Text = value.GetString()!, Fields = [.. document.RootElement.EnumerateObject().Select(property => new TextField(property.Name, property.Value.GetRawText()))] };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair.
            return record with { Error = $"it is not valid JSON: {(exception.Message.Length > LongestQuote ? exception.Message[..LongestQuote] : exception.Message)}" };
        }
    }
}
