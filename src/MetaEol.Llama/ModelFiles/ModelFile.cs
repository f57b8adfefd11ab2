using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MetaEol.Llama.ModelFiles;

/// <summary>The one reader for every file of a model folder, which is untrusted input; it also speaks of them in error messages.</summary>
internal static class ModelFile
{
    private const int PathLength = 1000;
    private const int QuoteLength = 80;
    private const int MessageLength = 300;

    // So many levels no published file has; each costs a call.
    private const int MaximumDepth = 64;

    /// <summary>How JSON of a model folder is read. Duplicate keys are refused: readers differ on which one counts.</summary>
    public static JsonDocumentOptions JsonOptions { get; } = new() { AllowDuplicateProperties = false, MaxDepth = MaximumDepth };

    /// <summary>Opens a file for reading, links followed; a folder, device, pipe or socket is refused before opening it can block.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="purpose">What is expected there, as the end of a sentence.</param>
    /// <exception cref="InvalidModelException">The file is missing, empty, cannot be opened, or is one of those that stand for or contain something else.</exception>
    public static FileStream Open(string path, string purpose)
    {
        FileStream? stream = null;
        try
        {
            CheckRegular(path, purpose);
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.RandomAccess);
            Span<byte> start = stackalloc byte[FileSignature.Length];
            if (FileSignature.Recognize(start[..RandomAccess.Read(stream.SafeFileHandle, start, 0)]) is { } other)
            {
                throw new InvalidModelException($"'{path}' {other}");
            }

            return stream;
        }
        catch (Exception exception)
        {
            stream?.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(path, exception);
            }

            throw;
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="maximumLength">The most bytes that are read.</param>
    /// <param name="purpose">What is expected there, as the end of a sentence.</param>
    /// <exception cref="InvalidModelException">As <see cref="Open"/>, or the file is longer than <paramref name="maximumLength"/>.</exception>
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
            throw Unreadable(path, exception);
        }
    }

    /// <summary>The bytes of a JSON text without a byte order mark.</summary>
    /// <exception cref="InvalidModelException">They are not UTF-8.</exception>
    public static ReadOnlyMemory<byte> CheckUtf8(ReadOnlyMemory<byte> utf8, string source)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }

        return Utf8.IsValid(utf8.Span) ? utf8 : throw new InvalidModelException($"{source} is not valid UTF-8.");
    }

    /// <summary>Parses JSON whose top is an object.</summary>
    /// <param name="utf8">The text, with or without a byte order mark.</param>
    /// <param name="source">The file, as messages name it.</param>
    /// <exception cref="InvalidModelException">It is not such JSON, or has a key twice.</exception>
    public static JsonDocument ParseJson(ReadOnlyMemory<byte> utf8, string source)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(CheckUtf8(utf8, source), JsonOptions);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw MalformedJson(source, exception);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new InvalidModelException($"{source} holds JSON of kind {kind}; expected an object.");
        }

        return document;
    }

    /// <summary>The exception for text that is no JSON; <see cref="InvalidOperationException"/> is what a lone surrogate gives.</summary>
    public static InvalidModelException MalformedJson(string source, Exception exception) => new(
        exception is JsonException
            ? $"{source} is not well-formed JSON: {Visible(exception.Message, MessageLength)}"
            : $"{source} has a string that is not valid Unicode, such as half a surrogate pair.",
        exception);

    /// <summary>A string from a file, in quotes, cut to a length that a message bears, and nothing in it that a terminal obeys.</summary>
    public static string Quote(string text) => $"'{Visible(text, QuoteLength)}'";

    /// <inheritdoc cref="Quote(string)"/>
    public static string Quote(ReadOnlySpan<byte> utf8) => Quote(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * (QuoteLength + 1))]));

    /// <summary>A path that may not exist, in quotes: whole where it can be one, and nothing in it that a terminal obeys.</summary>
    public static string QuotePath(string path) => $"'{Visible(path, PathLength)}'";

    /// <summary>A JSON value as it stands in the file, cut to a length that a message bears, and nothing in it that a terminal obeys.</summary>
    public static string Quote(JsonElement value) => Visible(value.GetRawText(), QuoteLength);

    /// <summary>Control and format characters escaped, the rest as it is, cut to a length.</summary>
    public static string Visible(string text, int length)
    {
        StringBuilder visible = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (visible.Length >= length)
            {
                return visible.Append('…').ToString();
            }

            bool obeyed = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            _ = obeyed ? visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}") : visible.Append(rune.ToString());
        }

        return visible.ToString();
    }

    private static void CheckRegular(string path, string purpose)
    {
        var file = new FileInfo(path);
        // Hugging Face's download cache holds links to its blobs.
        FileSystemInfo target = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        bool isLink = target != file;
        if (Directory.Exists(target.FullName))
        {
            throw new InvalidModelException($"'{path}' is a folder, not a file; {purpose}.");
        }

        if (target is not FileInfo { Exists: true } regular)
        {
            throw new InvalidModelException(isLink
                ? $"'{path}' is a link to '{target.FullName}', which is not there; {purpose}. Download the file again."
                : $"There is no file '{path}'; {purpose}.");
        }

        // Pipes, devices and sockets have no length; to open a pipe would wait for somebody who writes to it.
        if (regular.Length == 0)
        {
            throw new InvalidModelException(
                $"'{path}'{(isLink ? $", a link to '{target.FullName}'," : string.Empty)} is empty or not a regular file (a pipe, a device or a socket); {purpose}. Put the file itself there, or a link to it.");
        }
    }

    private static InvalidModelException Unreadable(string path, Exception exception) => new($"'{path}' cannot be read: {exception.Message}", exception);
}
