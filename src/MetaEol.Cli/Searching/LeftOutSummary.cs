using System.Globalization;
using MetaEol.Retrieval.Documents;

namespace MetaEol.Cli.Searching;

/// <summary>What of a folder was not read, in a line or file by file.</summary>
internal static class LeftOutSummary
{
    private const int MostEndings = 5;

    /// <summary>A line for all; null where nothing was left out.</summary>
    public static string? Line(IReadOnlyList<LeftOutFile> leftOut)
    {
        if (leftOut.Count == 0)
        {
            return null;
        }

        IEnumerable<string> reasons = leftOut.GroupBy(file => file.Reason).OrderByDescending(group => group.Key).Select(group => $"{group.Count().ToString(CultureInfo.InvariantCulture)} {Reason(group.Key, group)}");
        return $"Left out: {string.Join(", ", reasons)}. --left-out lists them.";
    }

    /// <summary>A line for each.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<LeftOutFile> leftOut) => leftOut.Select(file => $"{file.Path}: {file.Message}");

    private static string Reason(LeftOutReason reason, IEnumerable<LeftOutFile> files) => reason switch
    {
        LeftOutReason.Extension => $"with other endings ({Endings(files)})",
        LeftOutReason.NotChosen => "by --include or --exclude",
        LeftOutReason.Ignored => "ignored",
        LeftOutReason.Link => "links",
        LeftOutReason.Empty => "empty",
        LeftOutReason.TooLarge => "too large",
        LeftOutReason.Binary => "no text",
        LeftOutReason.Encoding => "not in UTF-8",
        _ => "unreadable",
    };

    private static string Endings(IEnumerable<LeftOutFile> files)
    {
        string[] endings = [.. files.GroupBy(file => Path.GetExtension(file.Path) is { Length: > 0 } ending ? ending : "none").OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key)];
        return string.Join(' ', endings.Take(MostEndings)) + (endings.Length > MostEndings ? " …" : string.Empty);
    }
}
