using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests;

/// <summary>A generator over an encoder that computes several calls at a time.</summary>
public class ConcurrentCallsTests
{
    private const int Texts = 40;

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 20)]
    [InlineData(3, 14)]
    public async Task GenerateAsync_OneRequestOfManyCalls_KeepsEveryDeviceBusyAndTheOrder(int devices, int steps)
    {
        var clock = new StepClock();
        var encoder = new FakeEncoder(concurrentCalls: devices) { OnEncode = (_, _) => clock.Work() };
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.CallTokens = 1);
        string[] texts = [.. Enumerable.Range(10, Texts).Select(i => $"text {i}.")];
        Task<GeneratedEmbeddings<Embedding<float>>> request = Task.Run(() => generator.GenerateAsync(texts));
        Assert.Equal(steps, clock.Run(Texts, devices));
        GeneratedEmbeddings<Embedding<float>> found = await request;
        for (int i = 0; i < Texts; i++)
        {
            FakeGenerator.AssertClose(FakeGenerator.Expected(texts[i], encoder, 4), found[i].Vector);
        }
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 20)]
    public async Task GenerateAsync_ManyRequestsOfOneCall_KeepEveryDeviceBusy(int devices, int steps)
    {
        var clock = new StepClock();
        var encoder = new FakeEncoder(concurrentCalls: devices) { OnEncode = (_, _) => clock.Work() };
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.CallTokens = 1);
        Task[] requests = [.. Enumerable.Range(10, Texts).Select(i => Task.Run(() => generator.GenerateAsync([$"text {i}."])))];
        Assert.Equal(steps, clock.Run(Texts, devices));
        await Task.WhenAll(requests);
    }

    [Fact]
    public async Task GenerateAsync_OneOfSeveralCallsFails_FailsAndEndsTheOthers()
    {
        var encoder = new FakeEncoder(concurrentCalls: 2);
        int calls = 0;
        encoder.OnEncode = (_, token) =>
        {
            if (Interlocked.Increment(ref calls) == 2)
            {
                throw new InvalidOperationException("broken");
            }
        };
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.CallTokens = 1);
        string[] texts = [.. Enumerable.Range(10, Texts).Select(i => $"text {i}.")];
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateAsync(texts))).Message);
        Assert.InRange(calls, 2, 6);
        encoder.OnEncode = null;
        Assert.Equal(Texts, (await generator.GenerateAsync(texts)).Count);
    }

    [Fact]
    public async Task GenerateAsync_CancelledWithSeveralCallsUnderWay_EndsAtOnce()
    {
        using var cancellation = new CancellationTokenSource();
        var encoder = new FakeEncoder(concurrentCalls: 2) { OnEncode = (_, token) => token.WaitHandle.WaitOne() };
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.CallTokens = 1);
        Task request = Task.Run(() => generator.GenerateAsync(Enumerable.Range(10, Texts).Select(i => $"text {i}."), cancellationToken: cancellation.Token));
        while (encoder.Calls.Count < 2)
        {
            await Task.Delay(1);
        }

        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.WaitAsync(Patience.Hang));
    }
}
