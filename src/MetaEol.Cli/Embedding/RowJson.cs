using System.Text.Encodings.Web;
using System.Text.Json;

namespace MetaEol.Cli.Embedding;

/// <summary>What JSON says of a row: where it comes from, and what stood beside its text.</summary>
internal static class RowJson
{
    public const string EmbeddingName = "embedding", ScaleName = "embedding_scale";
    private const string RowName = "row", IndexName = "index", FileName = "file", LineName = "line", PassageName = "passage";

    private static readonly JsonSerializerOptions SerializerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text as JSON.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, SerializerOptions);

    /// <summary>
    /// Writes the text's number, the fields of its line as they stood there, and which passage it is. A field of the input that is named as one of the tool's own takes
    /// its place; but <c>embedding</c> and <c>embedding_scale</c>, which are the vector's names, are left out.
    /// </summary>
    /// <param name="json">The object to write into.</param>
    /// <param name="row">The row.</param>
    /// <param name="number">The row's number, to be written too; null where it has the vector beside it, and what was embedded is written.</param>
    public static void WriteOrigin(Utf8JsonWriter json, EmbedRow row, long? number)
    {
        TextRecord record = row.Record;
        bool withText = number is null;
        bool IsFree(string name) => !record.Fields.Any(field => field.Name == name);
        if (number is { } shown && IsFree(RowName))
        {
            json.WriteNumber(RowName, shown);
        }

        if (IsFree(IndexName))
        {
            json.WriteNumber(IndexName, record.Index);
        }

        if (record.File is not null)
        {
            json.WriteString(FileName, record.File);
        }

        foreach (TextField field in record.Fields)
        {
            bool isText = field.Name == record.TextName;
            if (field.Name is not (EmbeddingName or ScaleName) && (!isText || (withText && row.Passage is null)))
            {
                json.WritePropertyName(field.Name);
                json.WriteRawValue(field.Json, skipInputValidation: true);
            }
        }

        if (IsFree(PassageName))
        {
            WritePassage(json, record, row.Passage);
        }

        // What was embedded is under the same name whatever the input calls it, unless it calls something else so. A folder's files need no copy of their texts.
        string textName = IsFree(TextRecord.DefaultField) ? TextRecord.DefaultField : record.TextName;
        if (withText && (row.Passage is not null || (record.File is null && IsFree(textName))))
        {
            json.WriteString(textName, row.Passage?.Text ?? record.Text);
        }
    }

    /// <summary>Writes where a text that is skipped or cut stands.</summary>
    public static void WritePlace(Utf8JsonWriter json, TextRecord record, TextPassage? passage)
    {
        json.WriteNumber(IndexName, record.Index);
        if (record.File is not null)
        {
            json.WriteString(FileName, record.File);
        }

        if (record.Line is { } line)
        {
            json.WriteNumber(LineName, line);
        }

        WritePassage(json, record, passage);
    }

    private static void WritePassage(Utf8JsonWriter json, TextRecord record, TextPassage? passage)
    {
        if (passage is not null)
        {
            json.WriteNumber(PassageName, passage.Number);
            if (record.File is not null)
            {
                json.WriteNumber(LineName, passage.Line);
            }
        }
    }
}
