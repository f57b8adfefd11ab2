using System.Text;
using System.Text.RegularExpressions;

namespace MetaEol.Tests.Documentation;

/// <summary>What the tests look at in a page: fenced blocks, code in the text, links, anchors.</summary>
internal sealed partial class MarkdownPage
{
    private readonly HashSet<string> _anchors = new(StringComparer.Ordinal);

    private MarkdownPage(string path, string[] lines)
    {
        Path = path;
        List<Fence> fences = [];
        List<(int Line, string Text)> prose = [];
        for (int i = 0; i < lines.Length; i++)
        {
            Match start = FenceStart().Match(lines[i]);
            if (!start.Success)
            {
                prose.Add((i + 1, lines[i]));
                continue;
            }

            string indent = start.Groups["indent"].Value, mark = start.Groups["mark"].Value;
            int end = Array.FindIndex(lines, i + 1, line => line.Trim() == mark);
            Assert.True(end > 0, $"{path}:{i + 1}: the fence has no end.");
            IEnumerable<string> content = lines[(i + 1)..end].Select(line => line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line);
            Match note = i > 0 ? SnippetNote().Match(lines[i - 1]) : Match.Empty;
            fences.Add(new Fence(start.Groups["language"].Value, i + 2, string.Join('\n', content), note.Success ? note.Groups["note"].Value : null));
            i = end;
        }

        Fences = fences;
        Prose = prose;
        foreach ((int _, string text) in prose)
        {
            AddAnchors(text);
        }

        Links = [.. prose.SelectMany(line => Link().Matches(InlineCode().Replace(line.Text, "")).Select(match => (line.Line, match.Groups["target"].Value)))];
        InlineCodes = [.. prose.SelectMany(line => InlineCode().Matches(line.Text).Select(match => (line.Line, match.Groups["code"].Value)))];
    }

    /// <summary>The path from the repository's root, with forward slashes.</summary>
    public string Path { get; }

    public IReadOnlyList<Fence> Fences { get; }

    /// <summary>The lines outside of fences.</summary>
    public IReadOnlyList<(int Line, string Text)> Prose { get; }

    /// <summary>Targets of links and images outside of fences.</summary>
    public IReadOnlyList<(int Line, string Target)> Links { get; }

    /// <summary>What stands between backticks outside of fences.</summary>
    public IReadOnlyList<(int Line, string Code)> InlineCodes { get; }

    /// <summary>The pages that users read: those of the root, <c>docs</c>, the packages, the samples, the models and <c>eng</c>.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } = [.. FindAll().Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Whether the page has a heading, or an element with an id, of that name.</summary>
    public bool HasAnchor(string anchor) => _anchors.Contains(anchor);

    public static MarkdownPage Read(string path) => new(path, File.ReadAllText(System.IO.Path.Combine(TestPaths.Root, path)).ReplaceLineEndings("\n").Split('\n'));

    private static IEnumerable<string> FindAll()
    {
        EnumerationOptions below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden };
        IEnumerable<string> Files(string folder, EnumerationOptions options) => Directory.EnumerateFiles(System.IO.Path.Combine(TestPaths.Root, folder), "*.md", options);
        return Files(".", new EnumerationOptions())
            .Concat(Files("docs", below))
            .Concat(Files("eng", below))
            .Concat(Files("models", below))
            .Concat(Directory.EnumerateDirectories(System.IO.Path.Combine(TestPaths.Root, "src")).SelectMany(folder => Files(folder, new EnumerationOptions())))
            .Concat(Files("samples", new EnumerationOptions()))
            .Concat(Directory.EnumerateDirectories(System.IO.Path.Combine(TestPaths.Root, "samples")).SelectMany(folder => Files(folder, new EnumerationOptions())))
            .Select(file => System.IO.Path.GetRelativePath(TestPaths.Root, file).Replace('\\', '/'));
    }

    private void AddAnchors(string line)
    {
        foreach (Match id in ElementId().Matches(line))
        {
            _anchors.Add(id.Groups["id"].Value);
        }

        if (Heading().Match(line) is { Success: true } heading)
        {
            string slug = Slug(heading.Groups["text"].Value), unique = slug;
            for (int i = 1; !_anchors.Add(unique); i++)
            {
                unique = $"{slug}-{i}";
            }
        }
    }

    /// <summary>The anchor that GitHub gives a heading: lower case, letters, digits, hyphens and underscores, spaces as hyphens.</summary>
    public static string Slug(string heading)
    {
        string text = LinkText().Replace(heading, "${text}").Trim().ToLowerInvariant();
        var slug = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes().Where(rune => Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_' or ' '))
        {
            slug.Append(rune.Value == ' ' ? "-" : rune.ToString());
        }

        return slug.ToString();
    }

    [GeneratedRegex(@"^(?<indent>\s*)(?<mark>```+)(?<language>[^\s`]*)[^`]*$")]
    private static partial Regex FenceStart();

    [GeneratedRegex(@"^\s*<!-- snippet: (?<note>.+) -->$")]
    private static partial Regex SnippetNote();

    [GeneratedRegex(@"(?<!`)(?<tick>`+)(?!`)(?<code>.+?)(?<!`)\k<tick>(?!`)")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\((?<target>[^()\s]+)(?:\s+""[^""]*"")?\)|(?:src|href)=""(?<target>[^""]+)""|srcset=""(?<target>[^""\s]+)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"!?\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"\bid=""(?<id>[^""]+)""")]
    private static partial Regex ElementId();

    [GeneratedRegex(@"^#{1,6}\s+(?<text>.+?)\s*#*$")]
    private static partial Regex Heading();
}
