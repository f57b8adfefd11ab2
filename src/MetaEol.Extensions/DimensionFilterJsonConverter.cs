using System.Text.Json;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions;

/// <summary>Writes a <see cref="DimensionFilter"/> as text, so that cache keys made from serialised options tell filters apart.</summary>
internal sealed class DimensionFilterJsonConverter : JsonConverter<DimensionFilter>
{
    public override DimensionFilter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException($"A filter is a string, not {reader.TokenType}.");
        return DimensionFilter.TryParse(text, null, out DimensionFilter filter) ? filter : throw new JsonException($"{Excerpt.Of(text)} is not a filter: {DimensionFilter.Accepted}.");
    }

    public override void Write(Utf8JsonWriter writer, DimensionFilter value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
