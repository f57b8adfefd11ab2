using System.Buffers;

namespace MetaEol.Retrieval.Documents;

/// <summary>One line of a <c>.gitignore</c> file.</summary>
internal sealed class IgnorePattern
{
    private const int MaxLength = 1024;

    // At most as many as the pattern has characters, and one for a pattern that is not tied.
    private readonly List<Part> _parts;
    private readonly bool _foldersOnly;

    private IgnorePattern(List<Part> parts, bool isException, bool foldersOnly)
    {
        _parts = parts;
        IsException = isException;
        _foldersOnly = foldersOnly;
    }

    private enum Kind
    {
        Character,

        /// <summary><c>?</c></summary>
        AnyInName,

        /// <summary><c>[a-z]</c></summary>
        Set,

        /// <summary><c>*</c></summary>
        RunInName,

        /// <summary><c>**</c></summary>
        Run,

        /// <summary><c>**/</c>: nothing, or folders.</summary>
        Folders,
    }

    /// <summary>Whether what matches is taken in again: the line began with an exclamation mark.</summary>
    public bool IsException { get; }

    /// <summary>Reads a line; null where it is empty, a comment, or longer than a pattern is.</summary>
    /// <exception cref="ArgumentException">A range of characters ends before it begins.</exception>
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
        List<Part> parts = pattern.Contains('/') ? [] : [new Part(Kind.Folders)];
        ReadParts(pattern.TrimStart('/'), parts);
        return new IgnorePattern(parts, isException, foldersOnly);
    }

    /// <summary>Whether it is about a path. The time is at most the path's length times the pattern's.</summary>
    /// <param name="path">A path relative to the folder that the pattern stands in, with forward slashes.</param>
    /// <param name="isFolder">Whether it is a folder's.</param>
    public bool Matches(string path, bool isFolder)
    {
        if (_foldersOnly && !isFolder)
        {
            return false;
        }

        // The places in the pattern that what was read of the path may have led to.
        bool[] places = ArrayPool<bool>.Shared.Rent(_parts.Count + 1), next = ArrayPool<bool>.Shared.Rent(_parts.Count + 1);
        Array.Clear(places);
        Enter(places, 0);
        foreach (char c in path)
        {
            Array.Clear(next);
            for (int place = 0; place < _parts.Count; place++)
            {
                if (places[place])
                {
                    Step(next, place, c);
                }
            }

            (places, next) = (next, places);
        }

        bool matches = places[_parts.Count];
        ArrayPool<bool>.Shared.Return(places);
        ArrayPool<bool>.Shared.Return(next);
        return matches;
    }

    /// <summary>Comes to a place, and to those behind it that ask for nothing.</summary>
    private void Enter(bool[] places, int place)
    {
        while (!places[place])
        {
            places[place] = true;
            if (place == _parts.Count || _parts[place].Kind is not (Kind.RunInName or Kind.Run or Kind.Folders))
            {
                return;
            }

            place++;
        }
    }

    private void Step(bool[] next, int place, char c)
    {
        Part part = _parts[place];
        switch (part.Kind)
        {
            case Kind.Run:
            case Kind.RunInName when c != '/':
                Enter(next, place);
                break;
            case Kind.Folders:
                // In the middle of a folder's name the pattern does not go on.
                next[place] = true;
                if (c == '/')
                {
                    Enter(next, place + 1);
                }

                break;
            case Kind.Character when c == part.Character:
            case Kind.AnyInName when c != '/':
            case Kind.Set when Contains(part, c):
                Enter(next, place + 1);
                break;
        }
    }

    private static bool Contains(Part set, char c) => !(set.IsNegated && c == '/') && set.Ranges!.Exists(range => c >= range.First && c <= range.Last) != set.IsNegated;

    private static void ReadParts(string pattern, List<Part> parts)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*')
            {
                while (i + 1 < pattern.Length && pattern[i + 1] == '*')
                {
                    i++;
                }

                bool beforeSlash = i + 1 < pattern.Length && pattern[i + 1] == '/';
                parts.Add(new Part(beforeSlash ? Kind.Folders : Kind.Run));
                i += beforeSlash ? 1 : 0;
            }
            else if (pattern[i] == '[' && pattern.IndexOf(']', Math.Min(i + 2, pattern.Length)) is > 0 and { } end)
            {
                parts.Add(ReadSet(pattern[(i + 1)..end]));
                i = end;
            }
            else
            {
                parts.Add(pattern[i] switch { '*' => new Part(Kind.RunInName), '?' => new Part(Kind.AnyInName), _ => new Part(Kind.Character, pattern[i]) });
            }
        }
    }

    private static Part ReadSet(string members)
    {
        bool isNegated = members[0] is '!' or '^';
        List<(char First, char Last)> ranges = [];
        for (int i = isNegated ? 1 : 0; i < members.Length; i++)
        {
            char last = i + 2 < members.Length && members[i + 1] == '-' ? members[i + 2] : members[i];
            ranges.Add(last >= members[i] ? (members[i], last) : throw new ArgumentException($"The range '{members[i]}-{last}' ends before it begins."));
            i += i + 2 < members.Length && members[i + 1] == '-' ? 2 : 0;
        }

        return new Part(Kind.Set, Ranges: ranges, IsNegated: isNegated);
    }

    private readonly record struct Part(Kind Kind, char Character = default, List<(char First, char Last)>? Ranges = null, bool IsNegated = false);
}
