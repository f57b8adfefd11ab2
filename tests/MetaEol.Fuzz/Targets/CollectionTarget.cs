using System.Text;
using MetaEol.Evaluation.Retrieval;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>A retrieval collection in BEIR's layout; an input takes the place of one of its three files.</summary>
internal sealed class CollectionTarget : FuzzTarget
{
    private static readonly (string Path, string Content)[] Files =
    [
        ("corpus.jsonl", "{\"_id\":\"d1\",\"title\":\"T\",\"text\":\"Two dogs run.\",\"metadata\":{}}\n{\"_id\":\"d2\",\"title\":\"\",\"text\":\"A man sings.\"}\n"),
        ("queries.jsonl", "{\"_id\":\"q1\",\"text\":\"Who sings?\",\"metadata\":{}}\n{\"_id\":\"q2\",\"text\":\"What runs?\"}\n"),
        (Path.Combine("qrels", "test.tsv"), "query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t2\n"),
    ];

    private readonly TemporaryFolder _folder = new();

    public override string Name => "collection";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
        [new TextMutator([.. Files.Select(file => file.Content)], ["\t", "\n", "\r", "\"", "{", "}", "\"_id\":", "\"text\":", "null", "1", "-1", "2147483648", "q1", "d1", "\\ud800", "\0", "query-id"]), new ByteMutator([.. Files.Select(file => Encoding.UTF8.GetBytes(file.Content))])];

    public override void Run(byte[] input)
    {
        for (int changed = 0; changed < Files.Length; changed++)
        {
            for (int i = 0; i < Files.Length; i++)
            {
                string path = _folder[Files[i].Path];
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, i == changed ? input : Encoding.UTF8.GetBytes(Files[i].Content));
            }

            BeirFolder? collection = Refusal.Expect<RetrievalFormatException, BeirFolder>(() => BeirFolder.Read(_folder.Path));
            DifferenceException.Unless(collection is null || (collection.Queries.Count > 0 && collection.Documents.Count > 0), "A collection has no questions.");
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }
}
