using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MetaEol.Cli.Embedding;

/// <summary>The texts of a file, a folder, or the standard input; read as they are needed.</summary>
internal sealed class TextSource
{
    public const string StandardInput = "-";
    private static readonly string[] TextExtensions = [".txt", ".md", ".markdown", ".text"];
    private readonly Func<IEnumerable<TextRecord>> _read;

    private TextSource(string identity, long length, Func<IEnumerable<TextRecord>> read)
    {
        Identity = identity;
        Length = length;
        _read = read;
    }

    /// <summary>Changes whenever the texts may have changed.</summary>
    public string Identity { get; }

    /// <summary>How long the input is, in bytes or files; 0 if that is not known.</summary>
    public long Length { get; }

    public IEnumerable<TextRecord> Read() => _read();

    /// <exception cref="ToolException">There is no such input.</exception>
    public static TextSource Open(string input, string? field)
    {
        if (input == StandardInput)
        {
            return new TextSource(StandardInput, 0, () => ReadStream(Console.OpenStandardInput(), "standard input", field));
        }

        if (Directory.Exists(input))
        {
            return field is null ? OpenFolder(Path.GetFullPath(input)) : throw new ToolException("--field is for JSON lines; a folder's text files have no fields.");
        }

        FileInfo file = new(input);
        if (!file.Exists)
        {
            throw new ToolException($"There is no file or folder '{file.FullName}' to embed.");
        }

        field ??= file.Extension.ToUpperInvariant() is ".JSONL" or ".NDJSON" ? "text" : null;
        return new TextSource($"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}|{field}", file.Length, () => ReadStream(File.OpenRead(file.FullName), file.Name, field));
    }

    private static TextSource OpenFolder(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true })
            .Where(file => TextExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            throw new ToolException($"There are no text files ({string.Join(", ", TextExtensions)}) in '{folder}'.");
        }

        string listing = string.Join('\n', files.Select(file => $"{file}|{new FileInfo(file).Length}|{File.GetLastWriteTimeUtc(file).Ticks}"));
        string identity = $"{folder}|{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing)))}";
        return new TextSource(identity, files.Length, () => files.Select((file, index) =>
        {
            string name = Path.GetRelativePath(folder, file);
            return new TextRecord(File.ReadAllText(file), name, name, index + 1);
        }));
    }

    private static IEnumerable<TextRecord> ReadStream(Stream stream, string name, string? field)
    {
        using StreamReader reader = new(stream, Encoding.UTF8);
        int number = 0;
        long position = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            position += Encoding.UTF8.GetByteCount(line) + 1;
            string source = $"{name}, line {number}";
            if (field is not null && string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            yield return new TextRecord(field is null ? line : ReadField(line, field, source), source, null, position);
        }
    }

    private static string ReadField(string line, string field, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new ToolException($"{source}: expected a JSON object with a text in the field '{field}'; --field names another one.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair.
            throw new ToolException($"{source} is not valid JSON: {exception.Message}", exception);
        }
    }
}
