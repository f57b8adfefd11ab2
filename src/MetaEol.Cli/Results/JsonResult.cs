using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MetaEol.Cli.Display;

namespace MetaEol.Cli.Results;

/// <summary>Results for programs.</summary>
internal static class JsonResult
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumberConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void Write(TextWriter writer, object result) => WriteText(writer, JsonSerializer.Serialize(result, Options));

    /// <summary>Writes JSON that is there already.</summary>
    public static void WriteText(TextWriter writer, string json) => writer.WriteLine(Escape(json));

    /// <summary>Escapes in strings what would steer a terminal or turn the order of letters around. Outside strings JSON has no such characters, so that its meaning stays the same.</summary>
    public static string Escape(string json)
    {
        StringBuilder? escaped = null;
        for (int i = 0; i < json.Length; i++)
        {
            char character = json[i];
            if (character is >= '\u007F' and <= '\u009F' || Printable.IsDirection(character))
            {
                escaped ??= new StringBuilder(json, 0, i, json.Length + 64);
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                escaped?.Append(character);
            }
        }

        return escaped?.ToString() ?? json;
    }

    /// <summary>JSON has no NaN: a score that is not defined is null.</summary>
    private sealed class FiniteNumberConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
