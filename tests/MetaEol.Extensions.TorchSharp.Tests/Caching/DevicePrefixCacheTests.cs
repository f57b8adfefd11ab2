using MetaEol.Extensions.TorchSharp.Caching;

namespace MetaEol.Extensions.TorchSharp.Tests.Caching;

public class DevicePrefixCacheTests
{
    private static readonly int[] Template = [.. Enumerable.Range(100, 20)];

    [Fact]
    public void Learn_PrefixOfTwoPasses_IsStoredByTheSecond()
    {
        using var cache = new DevicePrefixCache(maxBytes: 10_000, bytesPerToken: 1);
        Assert.Empty(Pass(cache, [[.. Template, 1, 2, 3]]));
        Assert.Equal(Template, Assert.Single(Pass(cache, [[.. Template, 4, 5, 6]])).Entry.Tokens);
        PrefixHit hit = cache.Find([.. Template, 7, 8], layers: 4);
        Assert.Equal(Template.Length, hit.Length);

        // A prompt that shares less still has the entry's beginning; one that shares little has nothing.
        Assert.Equal(12, cache.Find([.. Template[..12], 9, 9, 9], layers: 4).Length);
        Assert.Null(cache.Find([.. Template[..7], 9, 9, 9], layers: 4).Entry);
    }

    [Fact]
    public void Find_DeeperThanStored_FindsNothingUntilStoredDeeper()
    {
        using var cache = new DevicePrefixCache(maxBytes: 10_000, bytesPerToken: 1);
        Pass(cache, [[.. Template, 1]], layers: 2);
        Pass(cache, [[.. Template, 2]], layers: 2);
        Assert.Null(cache.Find([.. Template, 3], layers: 4).Entry);
        Pass(cache, [[.. Template, 3]], layers: 4);
        Assert.Equal(4, cache.Find([.. Template, 5], layers: 4).Entry!.Layers);
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public void Find_PromptIsTheStoredPrefix_LeavesItsLastToken()
    {
        using var cache = new DevicePrefixCache(maxBytes: 10_000, bytesPerToken: 1);
        Pass(cache, [[.. Template, 1]]);
        Pass(cache, [[.. Template, 2]]);
        Assert.Equal(Template.Length - 1, cache.Find(Template, layers: 4).Length);
    }

    [Fact]
    public void Add_BeyondTheBudget_DrivesOutTheOldest()
    {
        // Two prefixes of 20 tokens and 4 layers fit.
        using var cache = new DevicePrefixCache(maxBytes: 170, bytesPerToken: 1);
        int[][] templates = [.. Enumerable.Range(1, 3).Select(i => Enumerable.Range(1000 * i, 20).ToArray())];
        foreach (int[] template in templates)
        {
            Pass(cache, [[.. template, 1]]);
            Pass(cache, [[.. template, 2]]);
            Assert.InRange(cache.Bytes, 0, 170);
        }

        Assert.Equal(2, cache.Count);
        Assert.Null(cache.Find([.. templates[0], 3], layers: 4).Entry);
        Assert.NotNull(cache.Find([.. templates[2], 3], layers: 4).Entry);
    }

    [Fact]
    public void Learn_SamePromptAgain_IsNoPrefix()
    {
        using var cache = new DevicePrefixCache(maxBytes: 10_000, bytesPerToken: 1);
        Pass(cache, [[.. Template, 1]]);
        Assert.Empty(Pass(cache, [[.. Template, 1]]));
    }

    [Fact]
    public void Learn_NoBudget_StoresNothing()
    {
        using var cache = new DevicePrefixCache(maxBytes: 0, bytesPerToken: 1);
        Pass(cache, [[.. Template, 1]]);
        Assert.Empty(Pass(cache, [[.. Template, 2]]));
    }

    private static List<NewPrefix> Pass(DevicePrefixCache cache, int[][] prompts, int layers = 4)
    {
        ReadOnlyMemory<int>[] memory = [.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))];
        cache.BeginPass();
        List<NewPrefix> learned = cache.Learn(memory, [.. prompts.Select(prompt => cache.Find(prompt, layers))], layers);
        learned.ForEach(prefix => cache.Add(prefix.Entry));
        return learned;
    }
}
