using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MetaEol.Extensions.Prompting;

/// <summary>Reads and writes template sets as JSON, with errors that name the place.</summary>
internal static class TemplateSetJson
{
    private const string Shape = "{ \"name\": \"...\", \"templates\": [ { \"name\": \"...\", \"task\": \"...\", \"text\": \"... {text} ...\", \"weight\": 1, \"layer\": \"75%\", \"role\": \"query\" } ] }";

    private static readonly JsonDocumentOptions ReadOptions = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly JsonWriterOptions WriteOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TemplateSet ReadResource(string name)
    {
        using Stream stream = typeof(TemplateSetJson).Assembly.GetManifestResourceStream($"{typeof(TemplateSetJson).Namespace}.{name}.json")!;
        return TemplateSet.FromStream(stream);
    }

    public static TemplateSet Read(ReadOnlyMemory<byte> utf8, string source)
    {
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, ReadOptions);
        }
        catch (JsonException e)
        {
            throw new FormatException($"{Capital(source)} is not JSON: {Excerpt.Of(e.Message)}. A template set looks like {Shape}.", e);
        }

        using (document)
        {
            try
            {
                return Read(document.RootElement, source);
            }
            catch (InvalidOperationException e)
            {
                throw new FormatException($"{Capital(source)} holds a string that is not valid Unicode: {Excerpt.Of(e.Message)}", e);
            }
        }
    }

    public static TemplateSet Read(JsonElement root, string source)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"{Capital(source)} holds a JSON {root.ValueKind}: a template set looks like {Shape}.");
        }

        string? name = null;
        string? description = null;
        List<Template>? templates = null;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "name": name = ReadString(property, "", source); break;
                case "description": description = ReadString(property, "", source); break;
                case "templates": templates = ReadTemplates(property.Value, source); break;
                default: throw Unknown(property, "", "name, description, templates", source);
            }
        }

        if (string.IsNullOrWhiteSpace(name) || templates is null)
        {
            throw new FormatException($"{Capital(source)} has no '{(templates is null ? "templates" : "name")}': a template set looks like {Shape}.");
        }

        try
        {
            return new TemplateSet(name, templates, description);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"{Capital(source)} is not a template set: {WithoutParameter(e)}", e);
        }
    }

    public static string Write(TemplateSet set)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriteOptions))
        {
            Write(writer, set);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    public static void Write(Utf8JsonWriter writer, TemplateSet set)
    {
        writer.WriteStartObject();
        writer.WriteString("name", set.Name);
        if (set.Description is not null)
        {
            writer.WriteString("description", set.Description);
        }

        writer.WriteStartArray("templates");
        foreach (Template template in set.Templates)
        {
            writer.WriteStartObject();
            if (template.Task is not null)
            {
                writer.WriteString("task", template.Task);
            }

            writer.WriteString("name", template.Name);
            writer.WriteString("text", template.Text);
            if (template.Weight != 1)
            {
                writer.WriteNumber("weight", template.Weight);
            }

            if (template.Layer is { Index: int index })
            {
                writer.WriteNumber("layer", index);
            }
            else if (template.Layer is { } depth)
            {
                writer.WriteString("layer", depth.ToString());
            }

            if (template.Role is { } role)
            {
                writer.WriteString("role", NameOf(role));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static List<Template> ReadTemplates(JsonElement array, string source)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException($"'templates' of {source} is a JSON {array.ValueKind}: it must be an array, as in {Shape}.");
        }

        var templates = new List<Template>(array.GetArrayLength());
        foreach (JsonElement element in array.EnumerateArray())
        {
            templates.Add(ReadTemplate(element, $"templates[{templates.Count}]", source));
        }

        return templates;
    }

    private static Template ReadTemplate(JsonElement element, string path, string source)
    {
        string? name = null;
        string? task = null;
        string? text = null;
        double weight = 1;
        LayerSelector? layer = null;
        TextRole? role = null;
        if (element.ValueKind == JsonValueKind.String)
        {
            text = element.GetString();
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "name": name = ReadString(property, path, source); break;
                    case "task": task = ReadString(property, path, source); break;
                    case "text": text = ReadString(property, path, source); break;
                    case "weight" when property.Value.ValueKind == JsonValueKind.Number: weight = property.Value.GetDouble(); break;
                    case "weight": throw new FormatException($"'{path}.weight' of {source} is a JSON {property.Value.ValueKind}: it must be a number above 0.");
                    case "layer": layer = ReadLayer(property.Value, path, source); break;
                    case "role": role = ReadRole(ReadString(property, path, source), path, source); break;
                    default: throw Unknown(property, path, "name, task, text, weight, layer, role", source);
                }
            }
        }

        if (text is null)
        {
            throw new FormatException($"'{path}' of {source} has no 'text': a template set looks like {Shape}.");
        }

        try
        {
            return new Template(text, name, task, weight, layer, role);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"'{path}' of {source} is not a template: {WithoutParameter(e)}", e);
        }
    }

    private static LayerSelector ReadLayer(JsonElement value, string path, string source)
    {
        string? text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => throw new FormatException($"'{path}.layer' of {source} is a JSON {value.ValueKind}: it must be a number or a string, such as -2, 24 or \"75%\"."),
        };
        try
        {
            return LayerSelector.Parse(text!, CultureInfo.InvariantCulture);
        }
        catch (FormatException e)
        {
            throw new FormatException($"'{path}.layer' of {source}: {e.Message}", e);
        }
    }

    private static TextRole ReadRole(string text, string path, string source)
    {
        foreach (TextRole role in Enum.GetValues<TextRole>())
        {
            if (text.Equals(NameOf(role), StringComparison.OrdinalIgnoreCase))
            {
                return role;
            }
        }

        throw new FormatException($"'{path}.role' of {source} is {Excerpt.Of(text)}: write {string.Join(" or ", Enum.GetValues<TextRole>().Select(role => $"\"{NameOf(role)}\""))}, or leave it out for a template that serves both.");
    }

    private static string NameOf(TextRole role) => role == TextRole.Query ? "query" : "document";

    private static string ReadString(JsonProperty property, string path, string source) => property.Value.ValueKind == JsonValueKind.String
        ? property.Value.GetString()!
        : throw new FormatException($"{Excerpt.Of(Join(path, property.Name))} of {source} is a JSON {property.Value.ValueKind}: it must be a string.");

    private static FormatException Unknown(JsonProperty property, string path, string known, string source) =>
        new($"{Excerpt.Of(Join(path, property.Name))} of {source} is not known: here stand {known}.");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Capital(string source) => char.ToUpperInvariant(source[0]) + source[1..];

    private static string WithoutParameter(ArgumentException e) =>
        e.ParamName is null ? e.Message : e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
}
