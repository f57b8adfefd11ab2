using MetaEol.Extensions.TorchSharp.Scheduling;

namespace MetaEol.Extensions.TorchSharp.Tests.Scheduling;

public class DeviceThreadTests
{
    [Fact]
    public async Task Run_CallsThatWait_RunOneAfterAnotherOnOneThread()
    {
        var state = new FakeState();
        using var thread = new DeviceThread<FakeState>(() => state);
        Task[] calls = [.. Enumerable.Range(0, 5).Select(i => Start(thread, i))];
        await state.Entered.WaitAsync();
        Assert.Equal(0, state.Entered.CurrentCount);
        state.Open.Release(5);
        await Task.WhenAll(calls);
        Assert.Equal([0, 1, 2, 3, 4], state.Done.Order());
        Assert.Single(state.Threads.Distinct());
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, state.Threads);
    }

    [Fact]
    public async Task Run_CancelledWhileWaiting_ReturnsAtOnceAndIsNotEncoded()
    {
        var state = new FakeState();
        using var thread = new DeviceThread<FakeState>(() => state);
        Task first = Start(thread, 7);
        await state.Entered.WaitAsync();
        using var cancellation = new CancellationTokenSource();
        Task cancelled = Start(thread, 1, cancellation.Token);
        await Task.Delay(50);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        state.Open.Release(2);
        await first;
        await Start(thread, 2);
        Assert.Equal([7, 2], state.Done);
    }

    [Fact]
    public async Task Run_CancelledWhileRunning_ReturnsAtOnceAndStopsAtTheNextCheckpoint()
    {
        var state = new FakeState();
        using var thread = new DeviceThread<FakeState>(() => state);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = Start(thread, 1, cancellation.Token);
        await state.Entered.WaitAsync();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        state.Open.Release(2);
        await Start(thread, 2);
        Assert.Equal([2], state.Done);
    }

    [Fact]
    public async Task Dispose_WhileCallsRunAndWait_EndsThemAll()
    {
        var state = new FakeState();
        var thread = new DeviceThread<FakeState>(() => state);
        Task[] calls = [Start(thread, 7)];
        await state.Entered.WaitAsync();
        calls = [.. calls, Start(thread, 1), Start(thread, 2)];
        await Task.Delay(50);
        Task disposal = Task.Run(thread.Dispose);
        await Task.Delay(50);
        state.Open.Release(3);
        await disposal;
        foreach (Task call in calls)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }

        Assert.True(state.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Start(thread, 1));
        thread.Dispose();
    }

    [Fact]
    public async Task Run_WorkFails_ItsCallerGetsTheErrorAndTheThreadGoesOn()
    {
        var state = new FakeState { Error = new InvalidOperationException("broken") };
        using var thread = new DeviceThread<FakeState>(() => state);
        state.Open.Release(2);
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => Start(thread, 1))).Message);
        state.Error = null;
        await Start(thread, 4);
        Assert.Equal([4], state.Done);
    }

    [Fact]
    public void Constructor_StateCannotBeMade_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => new DeviceThread<FakeState>(() => throw new InvalidOperationException()));
    }

    private static Task Start(DeviceThread<FakeState> thread, int number, CancellationToken cancellation = default) =>
        Task.Run(() => thread.Run((state, checkpoint) => state.Work(number, checkpoint), cancellation), CancellationToken.None);

    /// <summary>Notes each number it works on, when it is let.</summary>
    private sealed class FakeState : IDisposable
    {
        public SemaphoreSlim Entered { get; } = new(0);

        public SemaphoreSlim Open { get; } = new(0);

        public Exception? Error { get; set; }

        public List<int> Done { get; } = [];

        public List<int> Threads { get; } = [];

        public bool IsDisposed { get; private set; }

        public void Work(int number, Action checkpoint)
        {
            Threads.Add(Environment.CurrentManagedThreadId);
            Entered.Release();
            Open.Wait();
            checkpoint();
            Done.Add(Error is null ? number : throw Error);
        }

        public void Dispose() => IsDisposed = true;
    }
}
