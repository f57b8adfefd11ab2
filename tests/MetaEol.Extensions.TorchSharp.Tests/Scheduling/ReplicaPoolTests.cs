using System.Runtime.InteropServices;
using MetaEol.Extensions.TorchSharp.Scheduling;
using MetaEol.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Extensions.TorchSharp.Tests.Scheduling;

public class ReplicaPoolTests
{
    [Fact]
    public async Task Run_CallsThatWait_RunOneAfterAnotherOnOneThread()
    {
        var state = new FakeReplica();
        using var pool = NewPool(state);
        Task[] calls = [.. Enumerable.Range(0, 5).Select(i => Start(pool, i))];
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
        var state = new FakeReplica();
        using var pool = NewPool(state);
        Task first = Start(pool, 7);
        await state.Entered.WaitAsync();
        using var cancellation = new CancellationTokenSource();
        Task cancelled = Start(pool, 1, cancellation.Token);
        await Task.Delay(50);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        state.Open.Release(2);
        await first;
        await Start(pool, 2);
        Assert.Equal([7, 2], state.Done);
    }

    [Fact]
    public async Task Run_CancelledWhileRunning_ReturnsAtOnceAndStopsAtTheNextCheckpoint()
    {
        var state = new FakeReplica();
        using var pool = NewPool(state);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = Start(pool, 1, cancellation.Token);
        await state.Entered.WaitAsync();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        state.Open.Release(2);
        await Start(pool, 2);
        Assert.Equal([2], state.Done);
    }

    [Fact]
    public async Task Dispose_WhileCallsRunAndWait_EndsThemAll()
    {
        var state = new FakeReplica();
        var pool = NewPool(state);
        Task[] calls = [Start(pool, 7)];
        await state.Entered.WaitAsync();
        calls = [.. calls, Start(pool, 1), Start(pool, 2)];
        await Task.Delay(50);
        Task disposal = Task.Run(pool.Dispose);
        await Task.Delay(50);
        state.Open.Release(3);
        await disposal;
        foreach (Task call in calls)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }

        Assert.True(state.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Start(pool, 1));
        pool.Dispose();
    }

    [Fact]
    public async Task Run_WorkFails_ItsCallerGetsTheErrorAndTheThreadGoesOn()
    {
        var state = new FakeReplica { Error = new InvalidOperationException("broken") };
        using var pool = NewPool(state);
        state.Open.Release(2);
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => Start(pool, 1))).Message);
        state.Error = null;
        await Start(pool, 4);
        Assert.Equal([4], state.Done);
    }

    [Fact]
    public void Constructor_StateCannotBeMade_Throws()
    {
        var made = new FakeReplica();
        Assert.Throws<InvalidOperationException>(() => new ReplicaPool<FakeReplica>([() => made, () => throw new InvalidOperationException()], NullLogger.Instance));
        Assert.True(made.IsDisposed);
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 20)]
    [InlineData(3, 14)]
    public async Task Run_DevicesOfFixedCost_AreAllBusyInEveryStep(int replicas, int steps)
    {
        var clock = new StepClock();
        FakeReplica[] all = [.. Enumerable.Range(0, replicas).Select(_ => new FakeReplica { Clock = clock })];
        using ReplicaPool<FakeReplica> pool = NewPool(all);
        Task[] calls = [.. Enumerable.Range(0, 40).Select(i => Start(pool, i))];
        Assert.Equal(steps, clock.Run(40, replicas));
        await Task.WhenAll(calls);
        Assert.Equal(Enumerable.Range(0, 40), all.SelectMany(replica => replica.Done).Order());
        Assert.All(all, replica => Assert.Single(replica.Threads.Distinct()));
    }

    [Fact]
    public async Task Run_OneDeviceIsBusy_TheFreeOneTakesTheWork()
    {
        var busy = new FakeReplica();
        var free = new FakeReplica();
        using ReplicaPool<FakeReplica> pool = NewPool(busy, free);
        Task first = Start(pool, 0);
        Task<bool>[] entered = [busy.Entered.WaitAsync(Patience.Hang), free.Entered.WaitAsync(Patience.Hang)];
        (busy, free) = await Task.WhenAny(entered) == entered[0] ? (busy, free) : (free, busy);
        free.Open.Release(5);
        for (int i = 1; i <= 5; i++)
        {
            await Start(pool, i);
        }

        Assert.Equal([1, 2, 3, 4, 5], free.Done);
        busy.Open.Release();
        await first;
    }

    [Fact]
    public async Task Run_DeviceIsLost_IsTakenOutAndTheOthersDoItsWork()
    {
        FakeReplica[] all = [new() { Name = "one" }, new() { Name = "two", Lost = new ExternalException("CUDA error: unspecified launch failure\nmore") }];
        Array.ForEach(all, replica => replica.Open.Release(1000));
        using ReplicaPool<FakeReplica> pool = NewPool(all);
        Task[] calls = [.. Enumerable.Range(0, 100).Select(i => Start(pool, i))];
        await Task.WhenAll(calls);

        // The lost one may have slept through it all.
        for (int i = 100; pool.State.Left == 2; i++)
        {
            await Start(pool, i);
        }

        Assert.Equal(Enumerable.Range(0, 100), all[0].Done.Where(number => number < 100).Order());
        Assert.Empty(all[1].Done);
        Assert.Equal("two was lost: CUDA error: unspecified launch failure.", Assert.Single(pool.State.Losses));
        SpinWait.SpinUntil(() => all[1].IsDisposed, Patience.Hang);
        Assert.True(all[1].IsDisposed);
        Assert.False(all[0].IsDisposed);
    }

    [Fact]
    public async Task Run_EveryDeviceIsLost_AllCallsFailWithTheReasons()
    {
        FakeReplica[] all = [new() { Name = "one", Lost = new ExternalException("no link") }, new() { Name = "two", Lost = new ExternalException("too hot") }];
        Array.ForEach(all, replica => replica.Open.Release(1000));
        using ReplicaPool<FakeReplica> pool = NewPool(all);
        Task[] calls = [.. Enumerable.Range(0, 20).Select(i => Start(pool, i))];
        foreach (Task call in calls)
        {
            string message = (await Assert.ThrowsAsync<InvalidOperationException>(() => call.WaitAsync(Patience.Hang))).Message;
            Assert.Contains("one was lost: no link.", message);
            Assert.Contains("two was lost: too hot.", message);
        }

        Assert.Equal(0, pool.State.Left);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Start(pool, 1));
    }

    private static ReplicaPool<FakeReplica> NewPool(params FakeReplica[] replicas) => new([.. replicas.Select(replica => (Func<FakeReplica>)(() => replica))], NullLogger.Instance);

    private static Task Start(ReplicaPool<FakeReplica> pool, int number, CancellationToken cancellation = default) =>
        Task.Run(() => pool.Run((state, checkpoint) => state.Work(number, checkpoint), cancellation), CancellationToken.None);

    /// <summary>Notes each number it works on, when it is let.</summary>
    private sealed class FakeReplica : IReplica
    {
        public string Name { get; init; } = "fake";

        /// <summary>What its device says whenever it is asked to work; null if it works.</summary>
        public Exception? Lost { get; init; }

        public StepClock? Clock { get; init; }

        public SemaphoreSlim Entered { get; } = new(0);

        public SemaphoreSlim Open { get; } = new(0);

        public Exception? Error { get; set; }

        public List<int> Done { get; } = [];

        public List<int> Threads { get; } = [];

        public bool IsDisposed { get; private set; }

        public void Work(int number, Action checkpoint)
        {
            Threads.Add(Environment.CurrentManagedThreadId);
            if (Clock is not null)
            {
                Clock.Work();
            }
            else
            {
                Entered.Release();
                Open.Wait();
            }

            checkpoint();
            if (Lost is not null)
            {
                throw Lost;
            }

            Done.Add(Error is null ? number : throw Error);
        }

        public bool IsLost(Exception error) => error == Lost;

        public void Dispose() => IsDisposed = true;
    }
}
