using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama.Encoders;
using MetaEol.Retrieval;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>A search index in a SQLite file: reading what it says of itself, searching in all ways, and bringing it up to date.</summary>
internal sealed class SearchIndexTarget : FuzzTarget
{
    private static readonly SearchDocument[] Documents =
    [
        new("health.md", "# Health\n\nYou need seven hours of sleep.\n\nA cold wants rest and water.") { Format = DocumentFormat.Markdown, Metadata = new Dictionary<string, string> { ["author"] = "a" } },
        new("choir.txt", "The choir sings on Sunday. Its songs are old."),
        new("garden.txt", "Plums and pears grow in the garden.\n\nSeven trees are old."),
    ];

    private readonly TemporaryFolder _folder = new();
    private MetaEolEmbeddingGenerator? _generator;

    public override string Name => "search-index";

    protected override IReadOnlyList<IMutator> Mutators => field ??= Create();

    private string IndexPath => _folder.File("index.db");

    private MetaEolEmbeddingGenerator Generator => _generator ??= CreateGenerator();

    private SearchIndexOptions Options => new() { Path = IndexPath, Sparse = true };

    public override void Run(byte[] input)
    {
        foreach (string path in Directory.GetFiles(_folder.Path))
        {
            File.Delete(path);
        }

        File.WriteAllBytes(IndexPath, input);
        List<Exception> refusals = [];
        Try(() => SearchIndex.ReadInfo(IndexPath));
        using SearchIndex index = new(Generator, Options);
        foreach (SearchMode mode in Enum.GetValues<SearchMode>())
        {
            Try(() => Check(index.SearchAsync("How many hours of sleep?", new SearchOptions { Mode = mode, Top = 3 }).GetAwaiter().GetResult()));
        }

        Try(() => Check(index.FindSimilarAsync("choir.txt", 1).GetAwaiter().GetResult().Others));
        Try(() => index.UpdateAsync([Documents[0], Documents[1], new("new.txt", "Something new.")]).GetAwaiter().GetResult());
        Try(() => Check(index.SearchAsync("something new").GetAwaiter().GetResult()));
        if (refusals.Count > 0)
        {
            throw refusals[0];
        }

        void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Exception exception) when (IsDocumented(exception))
            {
                refusals.Add(exception);
            }
        }
    }

    // The passage that others are to be like may be gone, and all sparse vectors.
    public override bool IsDocumented(Exception exception) =>
        exception is IndexFileException or IndexMismatchException || (exception is NotSupportedException && exception.Message.Contains("keeps no sparse vectors", StringComparison.Ordinal)) || (exception is ArgumentException && exception.Message.Contains("no document 'choir.txt'", StringComparison.Ordinal));

    public override void Dispose()
    {
        _generator?.Dispose();
        _folder.Dispose();
        base.Dispose();
    }

    private static void Check(IReadOnlyList<SearchResult> results) => DifferenceException.Unless(
        results.All(result => double.IsFinite(result.Score)), $"A passage has a score that is not finite: {results.FirstOrDefault(result => !double.IsFinite(result.Score))?.ToString() ?? "none"}.");

    private MetaEolEmbeddingGenerator CreateGenerator()
    {
        SmallModel.Llama.Write(_folder["tiny"]);
        File.WriteAllBytes(_folder["tiny", "tokenizer.json"], TokenizerSeeds.Json[1]);
        return new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = _folder["tiny"], TemplateSet = TemplateSet.PromptEol, Cpu = new CpuEncoderOptions { Threads = 1 } });
    }

    private IMutator[] Create()
    {
        using (SearchIndex index = new(Generator, Options))
        {
            index.UpdateAsync(Documents).GetAwaiter().GetResult();
        }

        byte[] seed = File.ReadAllBytes(IndexPath);
        SqliteMutator content = new(
            seed,
            [
                ("settings", "value"), ("settings", "name"), ("documents", "name"), ("documents", "hash"), ("documents", "metadata"), ("passages", "document"), ("passages", "line"), ("passages", "end_line"), ("passages", "start"), ("passages", "length"), ("passages", "heading"),
                ("passages", "text"), ("passages", "hash"), ("vectors", "hash"), ("vectors", "fingerprint"), ("vectors", "vector"), ("vectors", "terms"), ("questions", "vector"), ("words_data", "block"), ("words_docsize", "sz"), ("words_config", "v"), ("words_idx", "pgno"),
            ],
            ["x'010000000100'", "x'ffffffff0100'", "x'05000000050000000100ffff'", "'{}'", "'{\"a\":1}'", "'[1'", "'nan'", "x'0000c07f'", "x'0000c07f0000c07f0000c07f0000c07f0000c07f0000c07f0000c07f0000c07f'", "x'ffff7f7fffff7f7fffff7f7fffff7f7fffff7f7fffff7f7fffff7f7fffff7f7f'", "zeroblob(32)", "id", "rowid"]);
        return [content, content, new ByteMutator([seed], longest: 1 << 20)];
    }
}
