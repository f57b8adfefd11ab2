using MetaEol.Extensions.TorchSharp.Scheduling;

namespace MetaEol.Extensions.TorchSharp.Tests.Scheduling;

public class DeviceThreadTests
{
    [Fact]
    public async Task Run_RequestsThatWaitTogether_RunAsOne()
    {
        var encoder = new FakeEncoder();
        using var thread = new DeviceThread(() => encoder, hiddenSize: 1, maxMergedTokens: 100);
        Task<float[]> first = Start(thread, [7]);
        await encoder.Entered.WaitAsync();
        Task<float[]>[] waiting = [Start(thread, [1]), Start(thread, [2], [3])];
        await Task.Delay(50);
        encoder.Open.Release(2);
        float[] own = await first;
        Assert.Equal([7], own);
        float[][] found = await Task.WhenAll(waiting);
        Assert.Equal([1], found[0]);
        Assert.Equal([2, 3], found[1]);
        Assert.Equal([1, 3], encoder.PromptCounts);
        Assert.Single(encoder.Threads.Distinct());
    }

    [Fact]
    public async Task Run_CancelledWhileWaiting_ReturnsAtOnceAndIsNotEncoded()
    {
        var encoder = new FakeEncoder();
        using var thread = new DeviceThread(() => encoder, hiddenSize: 1, maxMergedTokens: 100);
        Task<float[]> first = Start(thread, [7]);
        await encoder.Entered.WaitAsync();
        using var cancellation = new CancellationTokenSource();
        Task<float[]> cancelled = Task.Run(() => thread.Run(new EncodeRequest([(int[])[1]], [0], cancellation.Token)));
        await Task.Delay(50);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        encoder.Open.Release(2);
        await first;
        float[] next = await Start(thread, [2]);
        Assert.Equal([2], next);
        Assert.Equal([1, 1], encoder.PromptCounts);
    }

    [Fact]
    public async Task Dispose_WhileCallsRunAndWait_EndsThemAll()
    {
        var encoder = new FakeEncoder();
        var thread = new DeviceThread(() => encoder, hiddenSize: 1, maxMergedTokens: 100);
        Task<float[]>[] calls = [Start(thread, [7])];
        await encoder.Entered.WaitAsync();
        calls = [.. calls, Start(thread, [1]), Start(thread, [2])];
        await Task.Delay(50);
        Task disposal = Task.Run(thread.Dispose);
        await Task.Delay(50);
        encoder.Open.Release(3);
        await disposal;
        foreach (Task<float[]> call in calls)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }

        Assert.True(encoder.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Start(thread, [1]));
        thread.Dispose();
    }

    [Fact]
    public async Task Run_EncoderFails_CallersGetTheErrorAndTheThreadGoesOn()
    {
        var encoder = new FakeEncoder { Error = new InvalidOperationException("broken") };
        using var thread = new DeviceThread(() => encoder, hiddenSize: 1, maxMergedTokens: 100);
        encoder.Open.Release(2);
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => Start(thread, [1]))).Message);
        encoder.Error = null;
        float[] next = await Start(thread, [4]);
        Assert.Equal([4], next);
    }

    [Fact]
    public void Constructor_EncoderCannotBeMade_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => new DeviceThread(() => throw new InvalidOperationException(), hiddenSize: 1, maxMergedTokens: 100));
    }

    private static Task<float[]> Start(DeviceThread thread, params int[][] prompts) =>
        Task.Run(() => thread.Run(new EncodeRequest([.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))], [0], default)));

    /// <summary>Gives each prompt's first token back, when it is let.</summary>
    private sealed class FakeEncoder : IBatchEncoder
    {
        public SemaphoreSlim Entered { get; } = new(0);

        public SemaphoreSlim Open { get; } = new(0);

        public Exception? Error { get; set; }

        public List<int> PromptCounts { get; } = [];

        public List<int> Threads { get; } = [];

        public bool IsDisposed { get; private set; }

        public float[] Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, int[] layers, Action checkpoint)
        {
            PromptCounts.Add(prompts.Count);
            Threads.Add(Environment.CurrentManagedThreadId);
            Entered.Release();
            Open.Wait();
            checkpoint();
            return Error is null ? [.. prompts.Select(prompt => (float)prompt.Span[0])] : throw Error;
        }

        public void Dispose() => IsDisposed = true;
    }
}
