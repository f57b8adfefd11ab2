using System.Collections;
using System.Text;

namespace MetaEol.Retrieval.Documents;

/// <summary>
/// The text files below a folder, as documents whose ids are their paths. Reads the files as it is enumerated, in the order of their paths, and notes what it left
/// out and why. Links are not followed, and hidden files and folders not looked into.
/// </summary>
public sealed class DocumentFolder : IEnumerable<SearchDocument>
{
    private static readonly string[] UsualIgnores = [".git/", ".hg/", ".svn/", "node_modules/", "__pycache__/", ".*"];
    private static readonly string[] MarkdownExtensions = [".md", ".markdown"];

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly DocumentFolderOptions _options;
    private readonly HashSet<string> _extensions;
    private readonly IgnoreRules? _include;
    private readonly IgnoreRules _exclude;
    private List<LeftOutFile> _leftOut = [];

    /// <summary>Prepares to read a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Which of its files are read; null takes text and Markdown files.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="ArgumentException">A pattern or an ending cannot be read.</exception>
    public DocumentFolder(string path, DocumentFolderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _options = options ?? new DocumentFolderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxFileBytes, 1);
        Path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(Path))
        {
            throw new DirectoryNotFoundException($"There is no folder '{Path}'.");
        }

        _extensions = new HashSet<string>(_options.Extensions.Select(Normalize), StringComparer.OrdinalIgnoreCase);
        _include = _options.Include.Count > 0 ? IgnoreRules.Parse(string.Empty, _options.Include) : null;
        _exclude = IgnoreRules.Parse(string.Empty, _options.Exclude);
    }

    /// <summary>Whether a file is read as Markdown: its name ends in <c>.md</c> or <c>.markdown</c>.</summary>
    /// <param name="path">A path or name.</param>
    public static bool IsMarkdown(string path) => MarkdownExtensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>Which of its files are read.</summary>
    public DocumentFolderOptions Options => _options;

    /// <summary>What the last enumeration left out, in the order of the paths; complete when the enumeration is.</summary>
    public IReadOnlyList<LeftOutFile> LeftOut => _leftOut;

    /// <inheritdoc/>
    public IEnumerator<SearchDocument> GetEnumerator()
    {
        _leftOut = [];
        return Read(string.Empty, _options.UseIgnoreFiles ? [IgnoreRules.Parse(string.Empty, UsualIgnores)] : [], _leftOut).GetEnumerator();
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<SearchDocument> Read(string folder, IReadOnlyList<IgnoreRules> rules, List<LeftOutFile> leftOut)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = [.. new DirectoryInfo(System.IO.Path.Combine(Path, folder)).EnumerateFileSystemInfos("*", Everything).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            leftOut.Add(new LeftOutFile(folder, LeftOutReason.Unreadable, exception.Message));
            yield break;
        }

        if (_options.UseIgnoreFiles && IgnoreRules.Load(System.IO.Path.Combine(Path, folder, IgnoreRules.FileName), folder) is { } own)
        {
            rules = [.. rules, own];
        }

        foreach (FileSystemInfo entry in entries)
        {
            bool isFolder = entry is DirectoryInfo;
            string path = folder + entry.Name, shown = isFolder ? path + "/" : path;
            if (entry.LinkTarget is not null)
            {
                leftOut.Add(new LeftOutFile(path, LeftOutReason.Link, "it is a link, which is not followed"));
            }
            else if (!IsChosen(path, isFolder))
            {
                leftOut.Add(new LeftOutFile(shown, LeftOutReason.NotChosen, "the patterns of what to read leave it out"));
            }
            else if (IsIgnored(path, isFolder, rules))
            {
                leftOut.Add(new LeftOutFile(shown, LeftOutReason.Ignored, "it is ignored"));
            }
            else if (isFolder)
            {
                foreach (SearchDocument document in Read(shown, rules, leftOut))
                {
                    yield return document;
                }
            }
            else if (ReadFile((FileInfo)entry, path, leftOut) is { } document)
            {
                yield return document;
            }
        }
    }

    private bool IsChosen(string path, bool isFolder)
    {
        if (_exclude.Ignores(path, isFolder) ?? false)
        {
            return false;
        }

        if (isFolder || _include is null)
        {
            return true;
        }

        // What a pattern names, or what lies in a folder that it names.
        bool isIncluded = false;
        for (int end = path.Length; end > 0 && !isIncluded; end = path.LastIndexOf('/', end - 1))
        {
            isIncluded = _include.Ignores(path[..end], end < path.Length) ?? false;
        }

        return isIncluded;
    }

    private static bool IsIgnored(string path, bool isFolder, IReadOnlyList<IgnoreRules> rules)
    {
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            if (rules[i].Ignores(path, isFolder) is { } ignored)
            {
                return ignored;
            }
        }

        return false;
    }

    private SearchDocument? ReadFile(FileInfo file, string path, List<LeftOutFile> leftOut)
    {
        string extension = System.IO.Path.GetExtension(path);
        if (!_extensions.Contains(extension))
        {
            leftOut.Add(new LeftOutFile(path, LeftOutReason.Extension, extension.Length == 0 ? "its name has no ending" : $"files that end in {extension} are not read"));
            return null;
        }

        try
        {
            // Pipes and devices have no length either, and opening one may wait for ever.
            if (file.Length == 0)
            {
                leftOut.Add(new LeftOutFile(path, LeftOutReason.Empty, "it is empty or no regular file"));
                return null;
            }

            if (file.Length > _options.MaxFileBytes)
            {
                leftOut.Add(new LeftOutFile(path, LeftOutReason.TooLarge, $"it has {file.Length} bytes; at most {_options.MaxFileBytes} are read"));
                return null;
            }

            (string? text, LeftOutReason reason, string message) = Decode(File.ReadAllBytes(file.FullName));
            if (text is null)
            {
                leftOut.Add(new LeftOutFile(path, reason, message));
                return null;
            }

            return new SearchDocument(path, text) { Format = IsMarkdown(path) ? DocumentFormat.Markdown : DocumentFormat.PlainText };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            leftOut.Add(new LeftOutFile(path, LeftOutReason.Unreadable, exception.Message));
            return null;
        }
    }

    private static (string? Text, LeftOutReason Reason, string Message) Decode(byte[] bytes)
    {
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, 0, 0, ..] => new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
            [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        };
        int mark = bytes.AsSpan().StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0;
        try
        {
            string text = encoding.GetString(bytes.AsSpan(mark));
            return text.Contains('\0') ? (null, LeftOutReason.Binary, "it is no text: it holds zero bytes") : (text, default, string.Empty);
        }
        catch (DecoderFallbackException)
        {
            return bytes.AsSpan().Contains((byte)0)
                ? (null, LeftOutReason.Binary, "it is no text: it holds zero bytes")
                : (null, LeftOutReason.Encoding, "it is not in UTF-8; write it anew in UTF-8");
        }
    }

    private static string Normalize(string extension) => extension.Trim() switch
    {
        "" => throw new ArgumentException("An ending of file names is empty: write endings such as .md or txt."),
        ['.', ..] dotted => dotted,
        var plain => "." + plain,
    };
}
