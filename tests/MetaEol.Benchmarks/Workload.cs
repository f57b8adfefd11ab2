using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Benchmarks;

/// <summary>Prompts as token ids: instructions of a set of templates, and texts of random ids, so that their length is exact.</summary>
public sealed class Workload
{
    private const int FirstId = 300;
    private const int LastId = 6000;
    private const int BeforeText = 69;

    /// <summary>Tokens before the text in the prompts of <see cref="OfPaper"/>, the start included.</summary>
    public const int TokensBeforeText = 1 + BeforeText;

    private readonly int[] _start;
    private readonly (int[] Before, int[] After)[] _instructions;
    private readonly Random _random = new(5);

    private Workload(int[] start, (int[] Before, int[] After)[] instructions)
    {
        _start = start;
        _instructions = instructions;
    }

    /// <summary>
    /// Eight instructions of random ids with 69 tokens before the text and 12 behind it: the lengths of the paper's templates in a LLaMA tokenizer. With texts of 15 tokens a
    /// prompt has 97, of which 27 are its own.
    /// </summary>
    public static Workload OfPaper()
    {
        var random = new Random(4);
        return new Workload([1], [.. Enumerable.Range(0, 8).Select(_ => (Ids(random, BeforeText), Ids(random, 12)))]);
    }

    /// <summary>The instructions of a template set, in the tokens of a tokenizer.</summary>
    public static Workload Of(TemplateSet templates, ITokenizer tokenizer)
    {
        int[] start = tokenizer.Encode("");
        return new Workload(start, [.. templates.Templates.Select(template => (tokenizer.Encode(template.Prefix)[start.Length..], tokenizer.Encode(template.Suffix)[start.Length..]))]);
    }

    /// <summary>Every text in every instruction, the text near the end.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> TextLast(int texts, int tokens) =>
        [.. Texts(texts, tokens).SelectMany(text => _instructions.Select(i => Join(i.Before, text, i.After)))];

    /// <summary>Every text in every instruction, the text in front.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> TextFirst(int texts, int tokens) =>
        [.. Texts(texts, tokens).SelectMany(text => _instructions.Select(i => Join(text, i.Before, i.After)))];

    /// <summary>Prompts that share nothing but the start.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> Distinct(int prompts, int tokens) =>
        [.. Texts(prompts, tokens - _start.Length).Select(text => Join(text, [], []))];

    private static int[] Ids(Random random, int count)
    {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = random.Next(FirstId, LastId);
        }

        return ids;
    }

    private IEnumerable<int[]> Texts(int count, int tokens) => Enumerable.Range(0, count).Select(_ => Ids(_random, tokens)).ToArray();

    private ReadOnlyMemory<int> Join(int[] first, int[] second, int[] third) => (int[])[.. _start, .. first, .. second, .. third];
}
