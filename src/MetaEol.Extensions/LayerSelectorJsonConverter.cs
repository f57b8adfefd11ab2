using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions;

/// <summary>Writes a <see cref="LayerSelector"/> as text, so that cache keys made from serialised options tell layers apart.</summary>
internal sealed class LayerSelectorJsonConverter : JsonConverter<LayerSelector>
{
    public override LayerSelector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt32(out int index) => index.ToString(CultureInfo.InvariantCulture),
            JsonTokenType.Number => reader.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            JsonTokenType.String => reader.GetString()!,
            _ => throw new JsonException($"A layer is a number or a string, not {reader.TokenType}."),
        };

        return LayerSelector.TryParse(text, null, out LayerSelector layer)
            ? layer
            : throw new JsonException($"{Excerpt.Of(text)} is not a layer: write an index such as -1 or a relative depth such as \"75%\".");
    }

    public override void Write(Utf8JsonWriter writer, LayerSelector value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
