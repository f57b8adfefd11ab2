using System.Text;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Tokenization;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Splitting;

namespace MetaEol.Fuzz.Targets;

/// <summary>Documents that are cut into passages, as plain text and as Markdown.</summary>
internal sealed class PassagesTarget : FuzzTarget
{
    private const int MostTokens = 24;

    private static readonly string[] Documents =
    [
        "# Health\n\nYou need *seven* or **eight** hours of [sleep](http://a.b/c \"t\"). Turn off the phone.\n\n## Cold\n\n- stay in bed\n- drink `water`\n\n> a quotation\n\n```\ncode # here\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "Title\n=====\n\nOne two. Three four! Five? \"Six seven.\" (Eight.) e.g. nine.\n\n***\n\n1. ten\n2. eleven\n\n<b>html</b> &amp; ![i](x.png)", "Plain text. No mark-up at all, and a longer sentence that goes on and on and on and on and on and on and on.\n\nThe end.",
    ];

    private readonly Dictionary<int, PassageSplitter> _splitters = [];

    public override string Name => "passages";

    // Eight times cut, token by token: about a kilobyte for each character and time.
    public override long AllocationLimit => 1L << 30;

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new TextMutator(Documents, ["#", "\n", "\n\n", "# ", "## ", "```", "~~~", "    ", "\t", "*", "**", "_", "`", "[", "](", ")", "![", "<", ">", "</b>", "<!--", "-->", "&amp;", "&#x", "|", "|---|", "---", "===", "- ", "1. ", "> ", "\\", ". ", "! ", "\u2028", "\u0085", "\r", "。", "http://", "a", "aaaaaaaaaaaaaaaaaaaaaaaa"], 1 << 15),
        new ByteMutator([.. Documents.Select(Encoding.UTF8.GetBytes)]),
    ];

    public override void Run(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        foreach (int overlap in (int[])[0, MostTokens / 2])
        {
            if (!_splitters.TryGetValue(overlap, out PassageSplitter? splitter))
            {
                ITokenizer tokenizer = TokenizerJsonReader.Read("'tokenizer.json'", TokenizerSeeds.Json[1], null);
                _splitters.Add(overlap, splitter = new PassageSplitter(tokenizer, MostTokens, overlap));
            }

            foreach (DocumentFormat format in Enum.GetValues<DocumentFormat>())
            {
                SearchDocument document = new("d", text) { Format = format };
                IReadOnlyList<Passage> passages = splitter.Split(document);
                foreach (Passage passage in passages)
                {
                    DifferenceException.Unless(passage.Start >= 0 && passage.Length >= 0 && passage.Start + passage.Length <= text.Length, "A passage covers what is not in its document.");
                    DifferenceException.Unless(passage.Line >= 1 && passage.EndLine >= passage.Line, "A passage has lines that are none.");
                    DifferenceException.Unless(!string.IsNullOrWhiteSpace(passage.Text), "A passage is blank.");
                    DifferenceException.Unless(!passage.Text.Any(char.IsControl), "A passage has a control character.");
                }

                DifferenceException.Unless(passages.SequenceEqual(splitter.Split(document)), "A document that is cut again has other passages.");
            }
        }
    }

    public override bool IsDocumented(Exception exception) => false;
}
