using MetaEol.Llama.Filtering;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Filtering;

public class BasisCacheTests
{
    [Fact]
    public void Find_AfterKeep_GivesTheSameBasis()
    {
        using var cacheFolder = new TemporaryFolder();
        using LlamaWeights weights = SpectralBasisTests.Load(Path.Combine(TestPaths.Golden, "llama-gqa-f32"));
        var cache = new BasisCache(cacheFolder["not", "there", "yet"]);
        Assert.Null(cache.Find(weights));

        SpectralBasis basis = SpectralBasis.Compute(weights);
        cache.Keep(weights, basis);
        SpectralBasis found = cache.Find(weights)!;
        Assert.Equal(basis.SingularValues, found.SingularValues);
        Assert.Equal(basis.Window(3, 20).Rows.ToArray(), found.Window(3, 20).Rows.ToArray());
        Assert.Equal([cache.PathOf(weights)], Directory.EnumerateFiles(Path.Combine(cache.Folder, "filters")));
    }

    [Fact]
    public void Find_AnyByteChangedOrMissing_GivesNothing()
    {
        using var cacheFolder = new TemporaryFolder();
        using LlamaWeights weights = SpectralBasisTests.Load(Path.Combine(TestPaths.Golden, "llama-tied-f32"));
        var cache = new BasisCache(cacheFolder.Path);
        cache.Keep(weights, SpectralBasis.Compute(weights));
        byte[] whole = File.ReadAllBytes(cache.PathOf(weights));
        for (int i = 0; i < whole.Length; i += i < 600 ? 1 : 37)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(cache.PathOf(weights), damaged);
            SpectralBasis? found = cache.Find(weights);

            // A space in the header, or the name of a key that nobody reads, may change without harm.
            Assert.True(found is null || found.Window(0, 64).Rows.Span.SequenceEqual(Whole(cache, weights, whole).Window(0, 64).Rows.Span), $"Byte {i} changed, and another basis was read.");
            Assert.True(i < 600 || found is null, $"Byte {i} of the data changed, and it was read.");
        }

        foreach (int length in (int[])[0, 1, 7, 8, 100, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(cache.PathOf(weights), whole[..length]);
            Assert.Null(cache.Find(weights));
        }

        File.WriteAllBytes(cache.PathOf(weights), [.. whole, 0]);
        Assert.Null(cache.Find(weights));
    }

    [Fact]
    public void Find_AnotherModelsFile_GivesNothing()
    {
        using var cacheFolder = new TemporaryFolder();
        using LlamaWeights weights = SpectralBasisTests.Load(Path.Combine(TestPaths.Golden, "llama-gqa-f32"));
        using LlamaWeights other = SpectralBasisTests.Load(Path.Combine(TestPaths.Golden, "llama-tied-f32"));
        var cache = new BasisCache(cacheFolder.Path);
        cache.Keep(other, SpectralBasis.Compute(other));
        Assert.NotEqual(cache.PathOf(weights), cache.PathOf(other));
        File.Move(cache.PathOf(other), cache.PathOf(weights));
        Assert.Null(cache.Find(weights));
        Assert.Null(cache.Find(other));

        // A folder or a pipe in its place is no basis either.
        File.Delete(cache.PathOf(weights));
        Directory.CreateDirectory(cache.PathOf(weights));
        Assert.Null(cache.Find(weights));
    }

    [Fact]
    public void Keep_WhereItCannotWrite_FailsAndLeavesNothing()
    {
        using var cacheFolder = new TemporaryFolder();
        using LlamaWeights weights = SpectralBasisTests.Load(Path.Combine(TestPaths.Golden, "llama-tied-f32"));
        SpectralBasis basis = SpectralBasis.Compute(weights);
        Assert.ThrowsAny<IOException>(() => new BasisCache(cacheFolder.Write("file", "")).Keep(weights, basis));

        var cache = new BasisCache(cacheFolder.Path);
        Directory.CreateDirectory(cache.PathOf(weights));
        File.WriteAllText(Path.Combine(cache.PathOf(weights), "occupied"), "");
        Assert.ThrowsAny<Exception>(() => cache.Keep(weights, basis));
        Assert.Empty(Directory.EnumerateFiles(cacheFolder["filters"], "*.part"));
    }

    [Fact]
    public async Task Keep_ByManyAtOnce_IsWholeForWhoeverReads()
    {
        using var cacheFolder = new TemporaryFolder();
        using LlamaWeights weights = SpectralBasisTests.Load(Path.Combine(TestPaths.Golden, "llama-tied-f32"));
        SpectralBasis basis = SpectralBasis.Compute(weights);
        var cache = new BasisCache(cacheFolder.Path);
        cache.Keep(weights, basis);
        await Parallel.ForAsync(0, 40, (i, _) =>
        {
            if (i % 2 == 0)
            {
                cache.Keep(weights, basis);
            }
            else
            {
                Assert.NotNull(cache.Find(weights));
            }

            return ValueTask.CompletedTask;
        });
    }

    [Theory]
    [InlineData("/somewhere", "/cache", "/somewhere")]
    [InlineData("", "/cache", "/cache/metaeol")]
    public void FromEnvironment_TakesTheNearestVariable(string own, string shared, string expected)
    {
        Dictionary<string, string> variables = new() { [BasisCache.EnvironmentVariable] = own, ["XDG_CACHE_HOME"] = shared };
        Assert.Equal(Path.GetFullPath(expected), BasisCache.FromEnvironment(name => variables.GetValueOrDefault(name)).Folder);
    }

    [Fact]
    public void FromEnvironment_WithoutVariables_IsInTheUsersOwnFolder() =>
        Assert.EndsWith("metaeol", BasisCache.FromEnvironment(_ => null).Folder, StringComparison.Ordinal);

    private static SpectralBasis Whole(BasisCache cache, LlamaWeights weights, byte[] whole)
    {
        File.WriteAllBytes(cache.PathOf(weights), whole);
        return cache.Find(weights)!;
    }
}
