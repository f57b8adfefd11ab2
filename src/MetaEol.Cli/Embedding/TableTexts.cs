using System.Globalization;

namespace MetaEol.Cli.Embedding;

/// <summary>Texts of a table (CSV, TSV): those in one of its columns.</summary>
internal static class TableTexts
{
    /// <param name="text">The table.</param>
    /// <param name="name">Its name, for people.</param>
    /// <param name="column">The heading of the column; or its number from 1, where the table has no headings; null for the heading <c>text</c>.</param>
    /// <param name="separator">What stands between the columns.</param>
    public static IEnumerable<TextRecord> Read(DecodedText text, string name, string? column, char separator)
    {
        TableReader table = new(text, separator);
        bool numbered = int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        string[]? headings = null;
        int wanted = number - 1;
        if (numbered && number < 1)
        {
            throw new ToolException("--column is 0: columns are counted from 1.");
        }

        if (!numbered)
        {
            headings = Next(table, name) is { } first ? [.. first.Select(heading => text.Unmark(heading, name).Trim())] : [];
            wanted = Find(headings, column ?? TextRecord.DefaultField, name, given: column is not null);
        }

        for (long index = 0; Next(table, name) is { } row; index++)
        {
            string source = $"{name}, line {table.Line}";
            headings ??= [.. row.Select((_, place) => $"column{place + 1}")];
            TextRecord record = new() { Index = index, Source = source, Position = 0, Line = table.Line, TextName = wanted < headings.Length ? headings[wanted] : TextRecord.DefaultField };
            if (row.Count != headings.Length || wanted >= row.Count)
            {
                yield return record with
                {
                    Error = wanted >= headings.Length ? $"it has {Columns(row.Count)}, and --column asks for column {number}." : $"it has {Columns(row.Count)}, and the first line {headings.Length}.",
                };
                continue;
            }

            string[] fields = [.. row.Select(field => text.Unmark(field, source))];
            yield return record with { Text = fields[wanted], Fields = [.. fields.Select((field, place) => new TextField(headings[place], RowJson.Quote(field)))] };
        }
    }

    private static List<string>? Next(TableReader table, string name)
    {
        try
        {
            return table.Read();
        }
        catch (ToolException exception)
        {
            throw new ToolException($"{name}, {exception.Message}", exception);
        }
    }

    private static int Find(string[] headings, string column, string name, bool given)
    {
        int[] places = [.. headings.Index().Where(heading => heading.Item == column).Select(heading => heading.Index)];
        string all = string.Join(", ", headings.Select(heading => $"'{heading}'"));
        if (headings.GroupBy(heading => heading, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new ToolException($"{name} names two columns '{twice}': the first line must give each column a name of its own, or --column a number, where there are no names.");
        }

        return places.Length == 1 ? places[0]
            : throw new ToolException(headings.Length == 0 ? $"{name} is empty." : $"{name} has no column '{column}' but {all}; {(given ? "write one of them behind --column" : "name the one that holds the texts with --column")}, or a number where the first line holds no names.");
    }

    private static string Columns(int count) => count == 1 ? "1 column" : $"{count} columns";
}
