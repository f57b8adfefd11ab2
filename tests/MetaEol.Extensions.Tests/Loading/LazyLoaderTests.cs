using MetaEol.Extensions.Loading;
using MetaEol.Tests;

namespace MetaEol.Extensions.Tests.Loading;

public class LazyLoaderTests
{
    [Fact]
    public async Task Get_ManyCallersAtOnce_LoadOnce()
    {
        int loads = 0;
        using var loader = new LazyLoader<Resource>(
            () =>
            {
                Interlocked.Increment(ref loads);
                Thread.Sleep(50);
                return new Resource();
            },
            "test");
        Resource[] all = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => loader.GetAsync(default))));
        Assert.Equal(1, loads);
        Assert.Single(all.Distinct());
        Assert.Same(all[0], loader.Value);
    }

    [Fact]
    public async Task Get_AfterFailure_TriesAgain()
    {
        int loads = 0;
        using var loader = new LazyLoader<Resource>(() => ++loads == 1 ? throw new IOException("gone") : new Resource(), "test");
        await Assert.ThrowsAsync<IOException>(() => loader.GetAsync(default));
        Assert.Null(loader.Value);
        Assert.NotNull(await loader.GetAsync(default));
        Assert.Equal(2, loads);
    }

    [Fact]
    public async Task Get_Cancelled_EndsTheWaitAndNotTheLoad()
    {
        using var gate = new ManualResetEventSlim();
        using var loader = new LazyLoader<Resource>(
            () =>
            {
                gate.Wait();
                return new Resource();
            },
            "test");
        using var cancellation = new CancellationTokenSource();
        Task<Resource> waiting = loader.GetAsync(cancellation.Token);
        Task<Resource> other = loader.GetAsync(default);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Set();
        Assert.NotNull(await other);
    }

    [Fact]
    public async Task Dispose_WhileLoading_EndsTheWaitsAndDisposesWhatWasLoaded()
    {
        using var gate = new ManualResetEventSlim();
        var resource = new Resource();
        var loader = new LazyLoader<Resource>(
            () =>
            {
                gate.Wait();
                return resource;
            },
            "test");
        Task<Resource> waiting = loader.GetAsync(default);
        loader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.False(resource.Disposed.Task.IsCompleted);
        gate.Set();
        await resource.Disposed.Task.WaitAsync(Patience.Hang);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => loader.GetAsync(default));
    }

    [Fact]
    public async Task Dispose_AfterLoading_DisposesOnce()
    {
        var resource = new Resource();
        var loader = new LazyLoader<Resource>(() => resource, "test");
        await loader.GetAsync(default);
        loader.Dispose();
        loader.Dispose();
        Assert.Equal(1, resource.Disposals);
    }

    private sealed class Resource : IDisposable
    {
        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Disposals { get; private set; }

        public void Dispose()
        {
            Disposals++;
            Disposed.TrySetResult();
        }
    }
}
