using System.Text.Json;
using System.Text.Unicode;

namespace MetaEol.Llama.Configuration;

/// <summary>Reads files of a model folder, which is untrusted input, and speaks of them in error messages.</summary>
internal static class ModelFile
{
    private const int QuoteLength = 80;

    /// <summary>Opens a file for reading, links followed; a directory, device or pipe is refused before opening it can block.</summary>
    /// <exception cref="InvalidModelException">The file is missing, empty or cannot be opened.</exception>
    public static FileStream Open(string path, string purpose)
    {
        try
        {
            var file = new FileInfo(path);
            // Hugging Face's download cache holds links to its blobs.
            FileSystemInfo target = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            if (target is not FileInfo { Exists: true } regular)
            {
                throw new InvalidModelException($"There is no file '{path}'; {purpose}.");
            }

            if (regular.Length == 0)
            {
                throw new InvalidModelException($"'{path}' is empty or not a regular file; {purpose}.");
            }

            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.RandomAccess);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidModelException">The file is missing, longer than <paramref name="maximumLength"/>, or cannot be read.</exception>
    public static byte[] ReadAll(string path, int maximumLength, string purpose)
    {
        using FileStream stream = Open(path, purpose);
        try
        {
            if (stream.Length > maximumLength)
            {
                throw new InvalidModelException($"'{path}' has {stream.Length} bytes; at most {maximumLength} are read.");
            }

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (IOException exception)
        {
            throw new InvalidModelException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Parses JSON whose top is an object. Duplicate keys are refused: readers differ on which one counts.</summary>
    /// <exception cref="InvalidModelException">It is not such JSON.</exception>
    public static JsonDocument ParseJson(ReadOnlyMemory<byte> utf8, string source)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            throw new InvalidModelException($"{source} is not valid UTF-8.");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidModelException($"{source} is not well-formed JSON: {Shorten(exception.Message, 300)}", exception);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new InvalidModelException($"{source} holds JSON of kind {kind}; expected an object.");
        }

        return document;
    }

    /// <summary>A string from a file, in quotes, control characters escaped, cut to a length that a message bears.</summary>
    public static string Quote(string text)
    {
        string visible = string.Concat(Shorten(text, QuoteLength).Select(letter => char.IsControl(letter) ? $"\\u{(int)letter:x4}" : letter.ToString()));
        return $"'{visible}'";
    }

    /// <summary>A JSON value as it stands in the file, cut to a length that a message bears.</summary>
    public static string Quote(JsonElement value) => Shorten(value.GetRawText(), QuoteLength);

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..length] + "…";
}
