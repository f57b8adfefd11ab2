using System.Text.Json;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions.Prompting;

/// <summary>
/// Writes a whole <see cref="TemplateSet"/>, so that cache keys made from serialised options tell sets apart. Reads that, or the name of a built-in set; never a path, because
/// JSON may come from anywhere.
/// </summary>
internal sealed class TemplateSetJsonConverter : JsonConverter<TemplateSet>
{
    public override TemplateSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                string name = reader.GetString()!;
                return TemplateSet.FindBuiltIn(name) ?? throw new JsonException($"{Excerpt.Of(name)} is not a template set: write {TemplateSet.BuiltInNames}, or the set itself.");
            }

            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return TemplateSetJson.Read(document.RootElement, "the JSON value");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, TemplateSet value, JsonSerializerOptions options) => TemplateSetJson.Write(writer, value);
}
