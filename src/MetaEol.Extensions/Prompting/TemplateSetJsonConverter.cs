using System.Text.Json;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions.Prompting;

/// <summary>Writes a whole <see cref="TemplateSet"/>, so that cache keys made from serialised options tell sets apart.</summary>
internal sealed class TemplateSetJsonConverter : JsonConverter<TemplateSet>
{
    public override TemplateSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return TemplateSetJson.Read(document.RootElement, "the JSON value");
    }

    public override void Write(Utf8JsonWriter writer, TemplateSet value, JsonSerializerOptions options) => TemplateSetJson.Write(writer, value);
}
