namespace MetaEol.Samples.Quickstart;

/// <summary>Reads the Markdown and text files below a folder.</summary>
internal static class DocumentFolder
{
    private static readonly EnumerationOptions BelowFolder = new()
    {
        RecurseSubdirectories = true,
        MatchCasing = MatchCasing.CaseInsensitive,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    /// <summary>Reads every <c>.md</c>, <c>.markdown</c> and <c>.txt</c> file, in the order of their paths.</summary>
    /// <param name="folder">The folder; its subfolders are read too, links and hidden files are not.</param>
    /// <param name="skipped">Called with the path of each file that was left out, and why.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<Document> Read(string folder, Action<string, string> skipped)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        }

        List<Document> documents = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*", BelowFolder).Where(IsText).Order(StringComparer.Ordinal))
        {
            string file = Path.GetRelativePath(folder, path).Replace('\\', '/');
            try
            {
                string text = File.ReadAllText(path);
                if (text.Contains('\0'))
                {
                    skipped(file, "it is not a text file");
                    continue;
                }

                IReadOnlyList<string> paragraphs = IsMarkdown(path) ? Paragraphs.FromMarkdown(text) : Paragraphs.FromPlainText(text);
                if (paragraphs.Count > 0)
                {
                    documents.Add(new Document(file, paragraphs));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                skipped(file, exception.Message);
            }
        }

        return documents;
    }

    private static bool IsText(string path) => IsMarkdown(path) || HasExtension(path, ".txt");

    private static bool IsMarkdown(string path) => HasExtension(path, ".md") || HasExtension(path, ".markdown");

    private static bool HasExtension(string path, string extension) =>
        Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);
}
