using System.Text;
using System.Text.RegularExpressions;

namespace MetaEol.Retrieval.Documents;

/// <summary>One line of a <c>.gitignore</c> file.</summary>
internal sealed class IgnorePattern
{
    private const int MaxLength = 1024;

    private readonly Regex _regex;
    private readonly bool _foldersOnly;

    private IgnorePattern(Regex regex, bool isException, bool foldersOnly)
    {
        _regex = regex;
        IsException = isException;
        _foldersOnly = foldersOnly;
    }

    /// <summary>Whether what matches is taken in again: the line began with an exclamation mark.</summary>
    public bool IsException { get; }

    /// <summary>Reads a line; null where it is empty, a comment, or longer than a pattern is.</summary>
    public static IgnorePattern? Parse(string line)
    {
        string pattern = line.TrimEnd(' ', '\t', '\r');
        if (pattern.Length is 0 or > MaxLength || pattern[0] == '#')
        {
            return null;
        }

        bool isException = pattern[0] == '!';
        pattern = pattern[(isException ? 1 : 0)..].Replace('\\', '/');
        bool foldersOnly = pattern.EndsWith('/');
        pattern = pattern.TrimEnd('/');
        if (pattern.Length == 0)
        {
            return null;
        }

        // A slash inside ties the pattern to the folder that it stands in; without one it matches a name at any depth.
        bool isTied = pattern.Contains('/');
        Regex regex = new($"^{(isTied ? string.Empty : "(?:.*/)?")}{Translate(pattern.TrimStart('/'))}$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        return new IgnorePattern(regex, isException, foldersOnly);
    }

    /// <param name="path">A path relative to the folder that the pattern stands in, with forward slashes.</param>
    /// <param name="isFolder">Whether it is a folder's.</param>
    public bool Matches(string path, bool isFolder) => (isFolder || !_foldersOnly) && _regex.IsMatch(path);

    private static string Translate(string pattern)
    {
        StringBuilder regex = new();
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*')
            {
                while (i + 1 < pattern.Length && pattern[i + 1] == '*')
                {
                    i++;
                }

                bool beforeSlash = i + 1 < pattern.Length && pattern[i + 1] == '/';
                regex.Append(beforeSlash ? "(?:.*/)?" : ".*");
                i += beforeSlash ? 1 : 0;
            }
            else if (pattern[i] == '[' && pattern.IndexOf(']', Math.Min(i + 2, pattern.Length)) is > 0 and { } end)
            {
                string members = pattern[(i + 1)..end];
                bool isNegated = members[0] is '!' or '^';
                regex.Append('[').Append(isNegated ? "^/" : string.Empty);
                foreach (char member in members.AsSpan(isNegated ? 1 : 0))
                {
                    regex.Append(member == '-' ? "-" : $"\\u{(int)member:X4}");
                }

                regex.Append(']');
                i = end;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => "[^/]*", '?' => "[^/]", _ => Regex.Escape(pattern[i].ToString()) });
            }
        }

        return regex.ToString();
    }
}
