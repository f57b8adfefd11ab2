namespace MetaEol.Llama.Planning;

/// <summary>Some layers of a pass, and the rows that run through them: behind a stage's last layer the rows that only ended prompts needed are gone.</summary>
/// <typeparam name="TEntry">Keys and values of one cached prefix.</typeparam>
public sealed class PassStage<TEntry>
    where TEntry : class, IDisposable
{
    private readonly EncodeCall _call;
    private readonly int[] _prompts;

    private PassStage(EncodeCall call, int[] prompts, EncodePlan plan, int firstLayer, int endLayer, int[] staying, IReadOnlyList<NewPrefix<TEntry>> newPrefixes)
    {
        _call = call;
        _prompts = prompts;
        Plan = plan;
        FirstLayer = firstLayer;
        EndLayer = endLayer;
        StayingRows = staying;
        NewPrefixes = newPrefixes;
        Placeholders = PlannedPass<TEntry>.PlaceholderRows(call, prompts, plan);
        AskedRows = staying.Length == 0 ? plan.PromptRows.ToArray() : [.. staying.Union(plan.PromptRows.ToArray()).Order()];
    }

    /// <summary>The first decoder layer of the stage, counted from 0.</summary>
    public int FirstLayer { get; }

    /// <summary>One past the stage's last decoder layer: the index into <c>hidden_states</c> that the prompts which end here want.</summary>
    public int EndLayer { get; }

    /// <summary>The tree of the prompts that have not ended before.</summary>
    public EncodePlan Plan { get; }

    /// <summary>The rows that the next stage goes on with, ascending: row i of its plan was row <c>StayingRows[i]</c> of this. Empty in the last stage.</summary>
    public IReadOnlyList<int> StayingRows { get; }

    /// <summary>The rows whose states are needed behind the stage's last layer, ascending: those that stay, and the last ones of prompts that end. Of all other rows that layer's keys and values are enough.</summary>
    public IReadOnlyList<int> AskedRows { get; }

    /// <summary>The prefixes to store, as far as these layers go, in the stage's plan.</summary>
    public IReadOnlyList<NewPrefix<TEntry>> NewPrefixes { get; }

    /// <summary>As <see cref="PlannedPass{TEntry}.Placeholders"/>, in the rows of this stage.</summary>
    public IReadOnlyList<(int Row, int LastRow)> Placeholders { get; }

    /// <summary>As <see cref="PlannedPass{TEntry}.Store"/>, for the prompts of this stage.</summary>
    /// <param name="index">A wanted index into <c>hidden_states</c>.</param>
    /// <param name="states"><c>[prompts of the stage's plan × hidden]</c>, row-major.</param>
    /// <exception cref="ArgumentException">The states at this index are not wanted, or are not as many.</exception>
    public void Store(int index, ReadOnlySpan<float> states) => _call.Store(index, _prompts, states);

    /// <summary>Cuts a pass where prompts end.</summary>
    internal static IReadOnlyList<PassStage<TEntry>> Cut(EncodeCall call, int firstPrompt, PlannedPass<TEntry> pass, IReadOnlyList<(int Prompt, StoredPrefix<TEntry> Prefix)> newPrefixes)
    {
        int[] stops = call.Stops.Slice(firstPrompt, pass.Plan.PromptRows.Length).ToArray();
        int[] ends = [.. stops.Distinct().Order()];
        var stages = new List<PassStage<TEntry>>(ends.Length);
        int[] prompts = [.. Enumerable.Range(0, stops.Length)];
        EncodePlan plan = pass.Plan;
        for (int i = 0; i < ends.Length; i++)
        {
            int[] next = Array.FindAll(prompts, prompt => stops[prompt] > ends[i]);
            int[] staying = [];
            EncodePlan narrowed = i == ends.Length - 1 ? plan : plan.Keep([.. next.Select(prompt => Array.BinarySearch(prompts, prompt))], out staying);
            int[] here = prompts;
            EncodePlan current = plan;
            NewPrefix<TEntry>[] prefixes =
            [
                .. newPrefixes.Where(item => Array.BinarySearch(here, item.Prompt) >= 0)
                    .Select(item => new NewPrefix<TEntry>(item.Prefix.Entry, current.RunsOf(Array.BinarySearch(here, item.Prompt), item.Prefix.Tokens.Length))),
            ];
            stages.Add(new PassStage<TEntry>(call, Array.ConvertAll(here, prompt => firstPrompt + prompt), plan, i == 0 ? 0 : ends[i - 1], ends[i], staying, prefixes));
            (prompts, plan) = (next, narrowed);
        }

        return stages;
    }
}
