using System.Text;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Fuzz.Targets;

/// <summary>The regular expressions of tokenizers: parsing, compiling, matching.</summary>
internal sealed class PatternTarget : FuzzTarget
{
    private static readonly string[] Texts = ["", "a", "Don't  run\r\n 12345, x\ud83d\ude00é", new string('a', 400), new string(' ', 200) + "x", "\ud800ab"];

    private readonly PatternMatcher _matcher = new();

    public override string Name => "pattern";

    /// <summary>The pieces of the language.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        "(", ")", "(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "[", "[^", "]", "&&", "[^a]", "[a-z]", "|", "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{", "}", "{1}", "{2,5}", "{0,}", "{,3}", "{1000}", "{99999999999}", ".", "^", "$",
        "\\p{L}", "\\P{N}", "\\p{Han}", "\\p{^Lu}", "\\p", "\\x{10FFFF}", "\\x{110000}", "\\x41", "\\u0041", "\\s", "\\S", "\\d", "\\w", "\\W", "\\b", "\\B", "\\A", "\\z", "\\G", "\\r\\n", "\\\\", "\\", "[:alpha:]", "[[:space:]]", "-", "a-", "\\K", "\\1",
    ];

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new TextMutator(
            [
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[a-z&&[^aeiou]]+|(?:ab|a)*c|x{2,4}?",
                "[一-龥぀-ゟ゠-ヿ]+",
            ],
            Words),
    ];

    public override void Run(byte[] input)
    {
        TextPattern pattern = TextPattern.OfExpression(Encoding.UTF8.GetString(input));
        var found = new List<PatternMatch>();
        foreach (string text in Texts)
        {
            _matcher.Begin(text.Length);
            found.Clear();
            pattern.FindAll(text, _matcher, found);
            int end = 0;
            foreach (PatternMatch match in found)
            {
                DifferenceException.Unless(match.Start == end && match.End >= match.Start && match.End <= text.Length, "The parts that a pattern cuts a text into have gaps, or overlap.");
                end = match.End;
            }

            DifferenceException.Unless(end == text.Length, "A pattern loses the end of a text.");
        }
    }

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;
}
