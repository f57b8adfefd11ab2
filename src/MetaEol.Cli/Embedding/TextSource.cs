using System.Security.Cryptography;
using System.Text;
using MetaEol.Cli.Display;
using MetaEol.Cli.Files;

namespace MetaEol.Cli.Embedding;

/// <summary>The texts of a file, a folder, or the standard input; read as they are needed, as often as they are asked for.</summary>
internal sealed class TextSource : IDisposable
{
    public const string StandardInput = "-";
    private const long LongestFile = 256 << 20;
    private static readonly string[] TextExtensions = [".txt", ".md", ".markdown", ".text"];
    private readonly Func<DecodingReport, IEnumerable<TextRecord>> _read;
    private readonly Spool? _spool;

    private readonly Func<string> _identify;

    /// <param name="identify">Gives the identity as it is when it is asked for.</param>
    /// <param name="read">Reads the texts.</param>
    /// <param name="spool">What is kept of a pipe.</param>
    private TextSource(Func<string> identify, Func<DecodingReport, IEnumerable<TextRecord>> read, Spool? spool = null)
    {
        (_identify, _read, _spool) = (identify, read, spool);
        Identity = identify();
    }

    /// <summary>What the texts are, as the source was opened: changes whenever they may have changed.</summary>
    public string Identity { get; }

    /// <summary>How long the input is, in bytes or files; 0 if that is not known.</summary>
    public required long Length { get; init; }

    /// <summary>Paths that are read; none for the standard input.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The folder whose files are the texts; else null.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether texts have names or fields, so that it takes a list to tell which row is which.</summary>
    public bool HasNames { get; init; }

    /// <summary>Whether a later run can read it again.</summary>
    public bool CanResume { get; init; }

    /// <summary>Whether it can be read once only, as it comes, and to read it may mean to wait.</summary>
    public bool IsStream { get; init; }

    /// <param name="input">A file, a folder, or <c>-</c>.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="onlyOnce">Whether it is enough to read it once: what comes through a pipe then is not kept.</param>
    /// <param name="cancellationToken">Ends the wait for what comes through a pipe.</param>
    /// <exception cref="ToolException">There is no such input, or it cannot be read in this way.</exception>
    public static async Task<TextSource> OpenAsync(string input, InputOptions options, bool onlyOnce, CancellationToken cancellationToken)
    {
        if (Directory.Exists(input))
        {
            return options is { Field: null, Column: null } ? OpenFolder(Path.GetFullPath(input), options.Encoding)
                : throw new ToolException("--field and --column are for files with many texts; a folder's text files have neither.");
        }

        bool standard = input == StandardInput;
        FileInfo file = new(input);
        if (!standard && !file.Exists)
        {
            throw new ToolException($"There is no file or folder '{file.FullName}' to embed.");
        }

        string name = standard ? "standard input" : file.Name;
        Func<DecodedText, IEnumerable<TextRecord>> parse = Parser(name, standard ? string.Empty : file.Extension.ToUpperInvariant(), options, out bool hasNames);
        if (!standard && RealPath.Resolve(file.FullName) is FileInfo { Exists: true, Length: > 0 } regular)
        {
            string Identify()
            {
                regular.Refresh();
                return $"{file.FullName}|{regular.Length}|{regular.LastWriteTimeUtc.Ticks}|{options.Field}|{options.Column}|{options.Separator}|{options.Encoding?.WebName}";
            }

            return new TextSource(Identify, report => Read(() => File.OpenRead(file.FullName), options.Encoding, parse, report))
            {
                Length = regular.Length,
                Paths = [file.FullName],
                HasNames = hasNames,
                CanResume = true,
            };
        }

        // A pipe, or a device (which have no length): what it gives, it gives once.
        Stream Open() => standard ? StandardStreams.OpenInput() : File.OpenRead(file.FullName);
        if (onlyOnce)
        {
            return new TextSource(() => StandardInput, report => Read(Open, options.Encoding, parse, report)) { Length = 0, HasNames = hasNames, IsStream = true };
        }

        Spool spool = await Spool.ReadAsync(Open, cancellationToken).ConfigureAwait(false);
        return new TextSource(() => StandardInput, report => Read(spool.Open, options.Encoding, parse, report), spool) { Length = spool.Length, HasNames = hasNames };
    }

    /// <summary>Whether a file of a folder is read, by its name.</summary>
    public static bool IsTextFile(string path) => TextExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>The texts, from the first.</summary>
    /// <param name="report">Takes down what could not be decoded.</param>
    public IEnumerable<TextRecord> Read(DecodingReport report) => _read(report);

    /// <exception cref="ToolException">The texts are others than when the source was opened.</exception>
    public void ThrowIfChanged()
    {
        if (_identify() != Identity)
        {
            throw new ToolException("The input was changed while it was read, so that its rows may be of the old texts or of the new; --force starts over.");
        }
    }

    public void Dispose() => _spool?.Dispose();

    private static Func<DecodedText, IEnumerable<TextRecord>> Parser(string name, string extension, InputOptions options, out bool hasNames)
    {
        bool table = options.Column is not null || options.Separator is not null || extension is ".CSV" or ".TSV" or ".TAB";
        if (table && options.Field is not null)
        {
            throw new ToolException("--field is for JSON lines and --column for tables; give one of the two.");
        }

        hasNames = true;
        if (table)
        {
            char separator = options.Separator ?? (extension is ".TSV" or ".TAB" ? '\t' : ',');
            return text => TableTexts.Read(text, name, options.Column, separator);
        }

        if (options.Field is not null || extension is ".JSONL" or ".NDJSON")
        {
            string field = options.Field ?? TextRecord.DefaultField;
            return text => JsonTexts.Read(text, name, field);
        }

        hasNames = false;
        return text => ReadLines(text, name);
    }

    private static IEnumerable<TextRecord> Read(Func<Stream> open, Encoding? encoding, Func<DecodedText, IEnumerable<TextRecord>> parse, DecodingReport report)
    {
        using Stream stream = open();
        using CountedStream counted = new(stream);
        using DecodedText text = new(counted, encoding, report);
        foreach (TextRecord record in parse(text))
        {
            yield return record with { Position = counted.Count };
        }
    }

    private static IEnumerable<TextRecord> ReadLines(DecodedText text, string name)
    {
        for (int number = 1; text.ReadLine() is { } line; number++)
        {
            string source = $"{name}, line {number}";
            yield return new TextRecord { Index = number - 1, Source = source, Position = 0, Line = number, Text = text.Unmark(line, source) };
        }
    }

    private static TextSource OpenFolder(string folder, Encoding? encoding)
    {
        string[] files = ListFolder(folder);
        if (files.Length == 0)
        {
            throw new ToolException($"There are no text files ({string.Join(", ", TextExtensions)}) in '{folder}'.");
        }

        string Identify()
        {
            string listing = string.Join('\n', ListFolder(folder).Select(file => RealPath.Resolve(file) is FileInfo { Exists: true } real ? $"{file}|{real.Length}|{real.LastWriteTimeUtc.Ticks}" : file));
            return $"{folder}|{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing)))}|{encoding?.WebName}";
        }

        return new TextSource(Identify, report => files.Select((file, index) => ReadFile(folder, file, index, encoding, report)))
        {
            Length = files.Length,
            Paths = files,
            Folder = folder,
            HasNames = true,
            CanResume = true,
        };
    }

    private static string[] ListFolder(string folder) => [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true }).Where(IsTextFile).Order(StringComparer.Ordinal)];

    private static TextRecord ReadFile(string folder, string path, int index, Encoding? encoding, DecodingReport report)
    {
        string name = Path.GetRelativePath(folder, path);
        TextRecord record = new() { Index = index, Source = name, Position = index + 1, File = name };
        try
        {
            if (!FileKind.IsRegular(path))
            {
                return record with { Error = "it is no regular file (a pipe, a device, or a link to one or to nothing)." };
            }

            if (RealPath.Resolve(path) is FileInfo { Length: > LongestFile })
            {
                return record with { Error = $"it has more than {LongestFile >> 20} MB." };
            }

            using DecodedText text = new(File.OpenRead(path), encoding, report);
            return record with { Text = text.Unmark(text.ReadToEnd(), name) };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return record with { Error = $"it cannot be read: {exception.Message}" };
        }
    }
}
