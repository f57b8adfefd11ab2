using System.Text;
using MetaEol.Cli;
using MetaEol.Cli.Embedding;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>Texts to embed, read as each of the formats.</summary>
internal sealed class TextsTarget : FuzzTarget
{
    private static readonly string[] Names = ["in.txt", "in.jsonl", "in.csv", "in.tsv"];

    private static readonly string[] Files =
    [
        "Two dogs run.\nA man sings.\n\nlast", "{\"id\":1,\"text\":\"Two dogs run.\"}\n{\"text\":\"A \\\"man\\\" sings.\",\"tags\":[1,{}]}\n", "id,text,note\n1,\"Two dogs, run.\",x\n2,\"A \"\"man\"\"\nsings.\",\n", "text\tid\nTwo dogs\t1\n",
    ];

    private readonly TemporaryFolder _folder = new();

    public override string Name => "texts";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new TextMutator(Files, ["\"", "\"\"", ",", "\t", "\n", "\r", "\r\n", "{", "}", "\"text\":", "text", "\\u", "\\ud800", "\0", "\ufeff", "[", "null", "1"]),
        new ByteMutator([.. Files.Select(Encoding.UTF8.GetBytes), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Files[0])], [.. Encoding.UTF32.GetPreamble(), .. Encoding.UTF32.GetBytes(Files[0])]]),
    ];

    public override void Run(byte[] input)
    {
        foreach (string name in Names)
        {
            string path = _folder.File(name);
            File.WriteAllBytes(path, input);
            Refusal.Expect<ToolException, TextSource>(() => Read(path));
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static TextSource Read(string path)
    {
        using TextSource source = TextSource.OpenAsync(path, new InputOptions(null, null, null, null), onlyOnce: false, CancellationToken.None).GetAwaiter().GetResult();
        string[] texts = [.. source.Read(new DecodingReport()).Select(record => record.Error is null ? record.Text : string.Empty)];
        DifferenceException.Unless(source.Read(new DecodingReport()).Select(record => record.Error is null ? record.Text : string.Empty).SequenceEqual(texts), "Texts that are read again are others.");
        long next = 0;
        foreach (TextRecord record in source.Read(new DecodingReport()))
        {
            DifferenceException.Unless(record.Index == next++, "Texts are not numbered in order.");
        }

        return source;
    }
}
