using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Searching;
using MetaEol.Retrieval;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol similar</c>: passages that are like one in a file.</summary>
internal static class SimilarCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> place = new("place") { Description = "A file that was searched before, and a line of it.", HelpName = "FILE:LINE" };
        Option<string?> index = ToolOption.Text("--index", $"The index file. Default: {SearchCommand.IndexName} in the file's folder or one above it.", "FILE");
        ToolCommand command = new(
            "similar",
            "Find the passages that are most like one of a file. The index must be there from a search; no model is loaded.",
            "metaeol similar docs/retries.md:12",
            "metaeol similar handbook/holidays.md:3 --mode dense --top 10")
        {
            place,
        };
        SearchOutput output = new(command, rerank: false);
        command.Add(index);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            (string file, int line) = Parse(parse.GetValue(place)!);
            string path = parse.GetValue(index) is { } given ? Path.GetFullPath(given) : FindIndex(file);
            IndexInfo info = SearchIndex.ReadInfo(path) ?? throw new ToolException($"Nothing is indexed in '{path}' yet: search the folder first, with metaeol search.");
            string folder = parse.GetValue(index) is null ? Path.GetDirectoryName(path)! : info.Properties.GetValueOrDefault(SearchCommand.FolderName, Path.GetDirectoryName(path)!);
            string document = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (File.GetLastWriteTimeUtc(file) > File.GetLastWriteTimeUtc(path))
            {
                terminal.Notice($"'{document}' has changed since it was indexed; metaeol search brings the index up to date.");
            }

            using SearchIndex opened = new(null, new SearchIndexOptions { Path = path });
            SimilarPassages similar;
            try
            {
                similar = await opened.FindSimilarAsync(document, line, output.Options(parse), cancellationToken).ConfigureAwait(false);
            }
            catch (ArgumentException exception)
            {
                throw new ToolException($"The index '{path}' has no passage of '{document}': search '{folder}' first, with metaeol search.", exception);
            }

            terminal.Notice($"Like {similar.Passage.Document}:{similar.Passage.Line.ToString(CultureInfo.InvariantCulture)}: {similar.Passage.EmbeddedText}");
            output.Write(parse, terminal, similar.Others);
        });
        return command;
    }

    private static (string File, int Line) Parse(string place)
    {
        int colon = place.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int line) || line < 1)
        {
            throw new ToolException($"'{place}' is no place: write a file and a line of it, such as docs/retries.md:12.");
        }

        string file = Path.GetFullPath(place[..colon]);
        return File.Exists(file) ? (file, line) : throw new ToolException($"There is no file '{file}'.");
    }

    private static string FindIndex(string file)
    {
        for (string? folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, SearchCommand.IndexName)))
            {
                return Path.Combine(folder, SearchCommand.IndexName);
            }
        }

        throw new ToolException($"There is no index {SearchCommand.IndexName} in the folder of '{file}' or one above it: search the folder first, with metaeol search, or name the index with --index.");
    }
}
