using System.Text;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Retrieval.Documents;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>A <c>.gitignore</c> that lies in a folder of documents.</summary>
internal sealed class IgnoreRulesTarget : FuzzTarget
{
    private static readonly string[] Paths = ["a", "docs/a.md", "docs/deep/er/b.txt", "docs/[x].md", new string('a', 300), string.Join('/', Enumerable.Repeat("a", 100)), "\ud83d\ude00\n.md"];
    private static readonly string[] Files = ["# comment\n*.log\n/build/\n!keep.log\ndocs/**/*.md\n[a-z]?.txt\n**/a\n", "node_modules\n*.[oa]\n!a\\ b\n[!a]x\n"];

    private readonly TemporaryFolder _folder = new();

    public override string Name => "ignore-rules";

    protected override IReadOnlyList<IMutator> Mutators { get; } = [new TextMutator(Files, ["*", "**", "/", "**/", "?", "[", "]", "[!", "[^", "-", "\\", "!", "#", "\n", " ", "a", "[z-a]", "[]]", "(", ")", "{", "+", "$", "^", "."])];

    public override void Run(byte[] input)
    {
        string path = _folder.File(".gitignore");
        File.WriteAllBytes(path, input);
        IgnoreRules.Load(path, "")?.Ignores("a", isFolder: false);
        string[] lines = Encoding.UTF8.GetString(input).Split('\n');
        IgnoreRules? rules = Read(lines);

        // Empty lines and comments say nothing.
        IgnoreRules? spaced = Read(lines.SelectMany(line => (string[])["", "# comment", line]));
        DifferenceException.Unless(rules is null == spaced is null, "Comments decide whether a file is read.");
        foreach (string document in rules is null ? [] : Paths)
        {
            DifferenceException.Unless(rules!.Ignores(document, isFolder: false) == spaced!.Ignores(document, isFolder: false), "A comment decides whether a path is left out.");
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static IgnoreRules? Read(IEnumerable<string> lines) => Refusal.Expect<ArgumentException, IgnoreRules>(() => IgnoreRules.Parse("", lines));
}
