namespace MetaEol.Retrieval.Documents;

/// <summary>Patterns that leave files out, in their order: the last that matches decides.</summary>
internal sealed class IgnoreRules
{
    public const string FileName = ".gitignore";
    private const int MaxFileBytes = 1 << 20;

    private readonly IReadOnlyList<IgnorePattern> _patterns;

    private IgnoreRules(string folder, IReadOnlyList<IgnorePattern> patterns)
    {
        Folder = folder;
        _patterns = patterns;
    }

    /// <summary>The folder that the patterns are relative to: empty, or a path that ends with a slash.</summary>
    public string Folder { get; }

    /// <exception cref="ArgumentException">A pattern cannot be read.</exception>
    public static IgnoreRules Parse(string folder, IEnumerable<string> lines)
    {
        List<IgnorePattern> patterns = [];
        foreach (string line in lines)
        {
            try
            {
                if (IgnorePattern.Parse(line) is { } pattern)
                {
                    patterns.Add(pattern);
                }
            }
            catch (ArgumentException exception)
            {
                throw new ArgumentException($"'{line}' is not a pattern for files, such as docs/** or *.md.", exception);
            }
        }

        return new IgnoreRules(folder, patterns);
    }

    /// <summary>The rules of an ignore file; null where there is none that can be read.</summary>
    public static IgnoreRules? Load(string path, string folder)
    {
        FileInfo file = new(path);
        try
        {
            return file is { Exists: true, LinkTarget: null, Length: > 0 and <= MaxFileBytes } ? Parse(folder, File.ReadLines(path)) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a path is left out; null where no pattern says anything of it.</summary>
    /// <param name="path">Relative to the folder that was read, with forward slashes.</param>
    /// <param name="isFolder">Whether it is a folder's.</param>
    public bool? Ignores(string path, bool isFolder)
    {
        string relative = path[Folder.Length..];
        for (int i = _patterns.Count - 1; i >= 0; i--)
        {
            if (_patterns[i].Matches(relative, isFolder))
            {
                return !_patterns[i].IsException;
            }
        }

        return null;
    }
}
