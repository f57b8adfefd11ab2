using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

public sealed class PrefixCacheTests : IDisposable
{
    private const int Layers = 3;
    private const long BytesPerToken = Layers * sizeof(double);

    private readonly ArrayStore _store = new();
    private PrefixCache<ArrayEntry> _cache;
    private Func<int, int>? _rotaryKey;

    public PrefixCacheTests() => _cache = new PrefixCache<ArrayEntry>(_store, 1 << 20);

    [Fact]
    public void Admit_FirstCall_StoresNothing()
    {
        Assert.Empty(Call(Prompt(1, 40, 7), Prompt(1, 40, 8)));
    }

    [Fact]
    public void Admit_TemplateWithOtherTexts_StoresWhatBothCallsShare()
    {
        Call(Many(text => Prompt(1, 40, text), 0, 20));
        List<int> stored = Call(Many(text => Prompt(1, 40, text), 20, 20));

        Assert.Equal([40], stored);
        Assert.Equal(40 * BytesPerToken, _cache.Bytes);
    }

    [Fact]
    public void Admit_SameLargeCallAgain_StoresTheTemplateAndNotTheTexts()
    {
        ReadOnlyMemory<int>[] prompts = Many(text => Prompt(1, 40, text, 30), 0, 50);
        Call(prompts);

        Assert.Equal([40], Call(prompts));
    }

    [Fact]
    public void Admit_SameSmallCallAgain_StoresAllButTheLastTokens()
    {
        Call(Prompt(1, 40, 7));

        Assert.Equal([40], Call(Prompt(1, 40, 7)));
        Assert.Empty(Call(Prompt(1, 40, 7)));
    }

    [Fact]
    public void Admit_ShortBeginnings_AreNotWorthAnEntry()
    {
        Call(Prompt(1, 7, 7, 20));

        Assert.Empty(Call(Prompt(1, 7, 8, 20)));
    }

    [Fact]
    public void Find_PromptThatEndsInsideAnEntry_LeavesItsLastToken()
    {
        Store(Prompt(1, 40, 0));
        PrefixHit hit = _cache.Find(Sorted(Prompt(1, 25)), Layers)[0];

        Assert.Equal(24, hit.Length);
    }

    [Fact]
    public void Find_DeeperLayersThanStored_FindsNothing()
    {
        Store(Prompt(1, 40, 0));

        Assert.Equal(0, _cache.Find(Sorted(Prompt(1, 40, 5)), Layers + 1)[0].Length);
        Assert.Equal(40, _cache.Find(Sorted(Prompt(1, 40, 5)), Layers - 1)[0].Length);
    }

    [Fact]
    public void Add_OverBudget_DropsTheLeastRecentlyUsed()
    {
        _cache = new PrefixCache<ArrayEntry>(_store, 100 * BytesPerToken);
        Store(Prompt(1, 40, 0));
        Store(Prompt(2, 40, 0));
        _cache.Find(Sorted(Prompt(1, 40, 9)), Layers);
        Store(Prompt(3, 40, 0));

        Assert.Equal(80 * BytesPerToken, _cache.Bytes);
        Assert.Equal(40, Length(1));
        Assert.Equal(0, Length(2));
        Assert.Equal(40, Length(3));

        int Length(int template) => _cache.Find(Sorted(Prompt(template, 40, 5)), Layers)[0].Length;
    }

    [Fact]
    public void Admit_MoreThanTheBudget_IsLeftOut()
    {
        _cache = new PrefixCache<ArrayEntry>(_store, 50 * BytesPerToken);
        Call(Prompt(1, 60, 1), Prompt(2, 40, 1));

        Assert.Equal([40], Call(Prompt(1, 60, 2), Prompt(2, 40, 2)));
        Assert.InRange(_cache.Bytes, 1, 50 * BytesPerToken);
    }

    [Fact]
    public void Abandon_GivesItsBytesBack()
    {
        SortedPrompts prompts = Sorted(Prompt(1, 40));
        _cache.Find(prompts, Layers);
        _cache.Abandon(_cache.Create(prompts, new AdmittedPrefix(0, 39, Shared: true), Layers));

        Assert.Equal(0, _cache.Bytes);
        Assert.Equal(0, _cache.Count);
        Assert.Equal(0, _store.Live);
    }

    [Fact]
    public void Add_DeeperLayersOfTheSamePrefix_ReplacesTheShallowEntry()
    {
        Store(Prompt(1, 40, 0), layers: 2);
        Store(Prompt(1, 40, 0), layers: 3);

        Assert.Equal(1, _cache.Count);
        Assert.Equal(1, _store.Live);
        Assert.Equal(40 * 3 * sizeof(double), _cache.Bytes);
    }

    [Fact]
    public void Admit_NoBudget_StoresNothing()
    {
        _cache = new PrefixCache<ArrayEntry>(_store, 0);
        Call(Prompt(1, 40, 7));

        Assert.Empty(Call(Prompt(1, 40, 8)));
    }

    [Fact]
    public void Admit_OtherRotaryKey_StoresAndFindsItsOwnOnly()
    {
        _rotaryKey = length => length > 45 ? 1 : 0;
        Call(Prompt(1, 40, 1), Prompt(1, 40, 2, 30));
        Assert.Equal([40, 40], Call(Prompt(1, 40, 3), Prompt(1, 40, 4, 30)));
        Assert.Equal(2, _cache.Count);

        SortedPrompts prompts = Sorted(Prompt(1, 40, 5), Prompt(1, 40, 6, 30));
        PrefixHit[] hits = _cache.Find(prompts, Layers);
        Assert.Equal([40, 40], hits.Select(hit => hit.Length));
        Assert.NotEqual(hits[0].Entry, hits[1].Entry);
    }

    [Fact]
    public void Admit_SeenWithAnotherRotaryKeyOnly_StoresNothing()
    {
        _rotaryKey = length => length > 45 ? 1 : 0;
        Call(Prompt(1, 40, 1));

        Assert.Empty(Call(Prompt(1, 40, 2, 30)));
    }

    [Fact]
    public void Clear_GivesEverythingBackAndRemembersWhatWasSeen()
    {
        Call(Many(text => Prompt(1, 40, text), 0, 20));
        Call(Many(text => Prompt(1, 40, text), 20, 20));
        _cache.Clear();

        Assert.Equal(0, _cache.Bytes);
        Assert.Equal(0, _store.Live);
        Assert.Equal([40], Call(Many(text => Prompt(1, 40, text), 40, 20)));
    }

    public void Dispose()
    {
        _cache.Dispose();
        Assert.Equal(0, _store.Live);
    }

    /// <summary>A prompt: a template of <paramref name="length"/> tokens, then a text of its own.</summary>
    private static ReadOnlyMemory<int> Prompt(int template, int length, int text = -1, int textLength = 1) =>
        new([.. Enumerable.Range(0, length).Select(i => (template * 1000) + i), .. text < 0 ? [] : Enumerable.Range(0, textLength).Select(i => 1_000_000 + (text * 100) + i)]);

    private static ReadOnlyMemory<int>[] Many(Func<int, ReadOnlyMemory<int>> prompt, int first, int count) => [.. Enumerable.Range(first, count).Select(prompt)];

    private SortedPrompts Sorted(params ReadOnlyMemory<int>[] prompts) => SortedPrompts.Create(prompts, share: true, _rotaryKey);

    private void Store(ReadOnlyMemory<int> prompt, int layers = Layers)
    {
        SortedPrompts prompts = Sorted(prompt);
        _cache.Find(prompts, layers);
        _cache.AddFilled(_cache.Create(prompts, new AdmittedPrefix(0, prompt.Length - 1, Shared: true), layers));
    }

    /// <summary>What the planner does with the cache in one call; gives the lengths of what is stored.</summary>
    private List<int> Call(params ReadOnlyMemory<int>[] prompts)
    {
        SortedPrompts sorted = Sorted(prompts);
        PrefixHit[] hits = _cache.Find(sorted, Layers);
        var lengths = new List<int>();
        foreach (AdmittedPrefix admitted in _cache.Admit(sorted, hits, Layers))
        {
            _cache.AddFilled(_cache.Create(sorted, admitted, Layers));
            lengths.Add(admitted.Length);
        }

        return lengths;
    }
}
