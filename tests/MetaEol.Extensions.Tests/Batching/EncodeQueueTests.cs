using System.Diagnostics;
using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama.Planning;
using MetaEol.Tests;

namespace MetaEol.Extensions.Tests.Batching;

public class EncodeQueueTests
{
    private static readonly TimeSpan Soon = Patience.Hang;

    [Fact]
    public async Task Encode_OneRequest_GivesItsStates()
    {
        var encoder = new FakeEncoder();
        using var queue = NewQueue(encoder, 100);
        ReadOnlyMemory<float> states = await queue.EncodeAsync([Ids(1, 2), Ids(3)], [4, 0], begun: false, default);
        AssertStates(states, [[1, 2], [3]], [4, 0]);
    }

    [Fact]
    public async Task Encode_RequestsThatWait_AreMergedInOrderUpToTheBudget()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using var queue = NewQueue(encoder, 10);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        Task<ReadOnlyMemory<float>>[] waiting =
        [
            queue.EncodeAsync([Ids(1, 1, 1, 1)], [4], begun: false, default),
            queue.EncodeAsync([Ids(2, 2, 2, 2)], [4], begun: false, default),
            queue.EncodeAsync([Ids(3, 3, 3, 3)], [4], begun: false, default),
            queue.EncodeAsync([Ids(4, 4)], [4], begun: false, default),
        ];
        gate.Open();
        await Task.WhenAll([first, .. waiting]);
        Assert.Equal(["9", "1111 2222 44", "3333"], encoder.Calls.Select(Describe));
        AssertStates(await waiting[1], [[2, 2, 2, 2]], [4]);
        AssertStates(await waiting[3], [[4, 4]], [4]);
    }

    [Fact]
    public async Task Encode_EncoderOfTwoCallsAtATime_GetsTwoAndMergesWhatWaits()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder(concurrentCalls: 2) { OnEncode = gate.Enter };
        using var queue = NewQueue(encoder, 10);
        Task first = queue.EncodeAsync([Ids(1)], [4], begun: false, default);
        await gate.Entered(1);
        Task second = queue.EncodeAsync([Ids(2)], [4], begun: false, default);
        await gate.Entered(2);
        Task<ReadOnlyMemory<float>>[] waiting = [.. Enumerable.Range(3, 3).Select(id => queue.EncodeAsync([Ids(id)], [4], begun: false, default))];
        gate.Open();
        await Task.WhenAll([first, second, .. waiting]);
        Assert.Equal(["1", "2"], encoder.Calls.Take(2).Select(Describe).Order());
        Assert.Equal(6 + 9, encoder.Calls.Sum(call => call.Prompts.Sum(prompt => prompt.Span[0])));
        Assert.InRange(encoder.Calls.Count, 3, 4);
        AssertStates(await waiting[2], [[5]], [4]);
    }

    [Fact]
    public async Task Dispose_WhileTwoCallsRun_EndsBothAndDisposesTheEncoderAfterwards()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder(concurrentCalls: 2) { OnEncode = gate.Enter };
        var queue = NewQueue(encoder, 10);
        Task[] calls = [queue.EncodeAsync([Ids(1)], [4], begun: false, default)];
        await gate.Entered(1);
        calls = [.. calls, queue.EncodeAsync([Ids(2)], [4], begun: false, default)];
        await gate.Entered(2);
        await Task.Run(queue.Dispose).WaitAsync(Soon);
        foreach (Task call in calls)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }

        Assert.True(encoder.Disposals > 0);
    }

    [Fact]
    public async Task Encode_OtherLayers_AreNotMerged()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using var queue = NewQueue(encoder, 100);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        Task<ReadOnlyMemory<float>> last = queue.EncodeAsync([Ids(1)], [4], begun: false, default);
        Task<ReadOnlyMemory<float>> middle = queue.EncodeAsync([Ids(2)], [2], begun: false, default);
        Task<ReadOnlyMemory<float>> both = queue.EncodeAsync([Ids(3)], [2, 4], begun: false, default);
        Task<ReadOnlyMemory<float>> lastAgain = queue.EncodeAsync([Ids(4)], [4], begun: false, default);
        gate.Open();
        await Task.WhenAll(first, last, middle, both, lastAgain);
        Assert.Equal(["9", "1 4", "2", "3"], encoder.Calls.Select(Describe));
        AssertStates(await middle, [[2]], [2]);
        AssertStates(await both, [[3]], [2, 4]);
    }

    [Fact]
    public async Task Encode_RequestAboveTheBudget_IsEncodedAlone()
    {
        var encoder = new FakeEncoder();
        using var queue = NewQueue(encoder, 2);
        AssertStates(await queue.EncodeAsync([Ids(1, 2, 3), Ids(4)], [1], begun: false, default), [[1, 2, 3], [4]], [1]);
    }

    [Fact]
    public async Task Encode_ThirtyTwoCallers_NeverUseTheEncoderAtOnceAndGetTheirOwnStates()
    {
        var encoder = new FakeEncoder();
        using var queue = NewQueue(encoder, 64);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                int[] prompt = [caller + 1, i + 1, 7];
                AssertStates(await queue.EncodeAsync([prompt], [4], begun: false, default), [prompt], [4]);
            }
        })));
        Assert.False(encoder.WasUsedByTwoThreads);
        Assert.True(encoder.Calls.Count < 32 * 50, "Nothing was merged.");
    }

    [Fact]
    public async Task Bound_RequestBeyondIt_IsRefusedAndSaysWhatWaits()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using EncodeQueue queue = NewQueue(encoder, 100, maxWaitingTokens: 5);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);

        // Where nothing waits, any request is taken.
        Task large = queue.EncodeAsync([Ids(1, 1, 1, 1)], [4], begun: false, default);
        Task fits = queue.EncodeAsync([Ids(2)], [4], begun: false, default);
        GeneratorBusyException e = await Assert.ThrowsAsync<GeneratorBusyException>(() => queue.EncodeAsync([Ids(3)], [4], begun: false, default));
        Assert.Equal((2, 5, 5), (e.WaitingRequests, e.WaitingTokens, e.MaxWaitingTokens));
        Assert.Contains("2 requests with 5 prompt tokens wait", e.Message);

        // What has begun is finished.
        Task begun = queue.EncodeAsync([Ids(4)], [4], begun: true, default);
        gate.Open();
        await Task.WhenAll(first, large, fits, begun);
        Assert.Equal(["9", "1111 2 4"], encoder.Calls.Select(Describe));
    }

    [Fact]
    public async Task Bound_RequestsThatLeaveOrAreEncoded_MakeRoom()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using EncodeQueue queue = NewQueue(encoder, 100, maxWaitingTokens: 2);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = queue.EncodeAsync([Ids(1, 1)], [4], begun: false, cancellation.Token);
        await Assert.ThrowsAsync<GeneratorBusyException>(() => queue.EncodeAsync([Ids(2)], [4], begun: false, default));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        for (int round = 0; round < 5; round++)
        {
            Task waiting = queue.EncodeAsync([Ids(1, 1)], [4], begun: false, default);
            await Assert.ThrowsAsync<GeneratorBusyException>(() => queue.EncodeAsync([Ids(2)], [4], begun: false, default));
            gate.Release();
            await gate.Entered(round + 2);
            await first;
            first = waiting;
        }

        gate.Open();
        await first;
    }

    [Fact]
    public async Task Cancel_HundredThousandWaiting_TakesNoSearchForEach()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using EncodeQueue queue = NewQueue(encoder, 100);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        using var cancellation = new CancellationTokenSource();
        ReadOnlyMemory<int>[] prompts = [Ids(1)];
        int[] layers = [4];
        var waiting = new Task[100_000];
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i] = queue.EncodeAsync(prompts, layers, begun: false, cancellation.Token);
        }

        TimeSpan coming = Stopwatch.GetElapsedTime(started);

        // Callbacks run in the reverse order of their registration: the worst for a search from the front.
        started = Stopwatch.GetTimestamp();
        await cancellation.CancelAsync().WaitAsync(Soon);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting).WaitAsync(Soon));
        TimeSpan leaving = Stopwatch.GetElapsedTime(started);

        // It takes about as long as coming; with a search for each, hundreds of times as long.
        Assert.True(leaving < 60 * coming, $"Coming took {coming}, leaving {leaving}.");
        Assert.All(waiting, task => Assert.True(task.IsCanceled));
        gate.Open();
        await first;
        Assert.Equal(["9"], encoder.Calls.Select(Describe));
    }

    [Fact]
    public async Task Cancel_WaitingRequest_LeavesAtOnceAndIsNotEncoded()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using var queue = NewQueue(encoder, 100);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = queue.EncodeAsync([Ids(1)], [4], begun: false, cancellation.Token);
        Task other = queue.EncodeAsync([Ids(2)], [4], begun: false, default);
        await cancellation.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Soon));
        Assert.Equal(cancellation.Token, e.CancellationToken);
        Assert.False(first.IsCompleted);
        gate.Open();
        await Task.WhenAll(first, other);
        Assert.Equal(["9", "2"], encoder.Calls.Select(Describe));
    }

    [Fact]
    public async Task Cancel_AlreadyCancelled_NeverReachesTheEncoder()
    {
        var encoder = new FakeEncoder();
        using var queue = NewQueue(encoder, 100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.EncodeAsync([Ids(1)], [4], begun: false, new CancellationToken(canceled: true)));
        Assert.Empty(encoder.Calls);
    }

    [Fact]
    public async Task Cancel_OneOfAMergedCall_LeavesAtOnceAndTheOthersGetTheirStates()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using var queue = NewQueue(encoder, 100);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = queue.EncodeAsync([Ids(1)], [4], begun: false, cancellation.Token);
        Task<ReadOnlyMemory<float>> other = queue.EncodeAsync([Ids(2)], [4], begun: false, default);
        gate.Release();
        await gate.Entered(2);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Soon));
        Assert.False(gate.LastToken.IsCancellationRequested);
        gate.Open();
        AssertStates(await other, [[2]], [4]);
    }

    [Fact]
    public async Task Cancel_AllOfAMergedCall_CancelsTheEncoder()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder { OnEncode = gate.Enter };
        using var queue = NewQueue(encoder, 100);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        Task[] both = [queue.EncodeAsync([Ids(1)], [4], begun: false, one.Token), queue.EncodeAsync([Ids(2)], [4], begun: false, two.Token)];
        gate.Release();
        await gate.Entered(2);
        await one.CancelAsync();
        await two.CancelAsync();
        Assert.True(gate.LastToken.IsCancellationRequested);
        foreach (Task task in both)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(Soon));
        }

        await first;
        gate.Open();
        await queue.EncodeAsync([Ids(3)], [4], begun: false, default);
    }

    [Fact]
    public async Task Cancel_Storm_LosesNoRequestAndNeverHangs()
    {
        var encoder = new FakeEncoder { OnEncode = (_, token) => token.WaitHandle.WaitOne(1) };
        using var queue = NewQueue(encoder, 32);
        int finished = 0;
        int cancelled = 0;
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            using var cancellation = new CancellationTokenSource();
            int[] prompt = [i + 1, 2, 3];
            Task<ReadOnlyMemory<float>> task = queue.EncodeAsync([prompt], [i % 3], begun: false, cancellation.Token);
            if (i % 2 == 0)
            {
                await Task.Delay(i % 11);
                await cancellation.CancelAsync();
            }

            try
            {
                AssertStates(await task, [prompt], [i % 3]);
                Interlocked.Increment(ref finished);
            }
            catch (OperationCanceledException) when (i % 2 == 0)
            {
                Interlocked.Increment(ref cancelled);
            }
        }))).WaitAsync(Soon);
        Assert.Equal(400, finished + cancelled);
        Assert.True(finished >= 200);
        Assert.True(cancelled > 0);
    }

    [Fact]
    public async Task Failure_OfOneRequest_IsItsOwnAndTheOthersSucceed()
    {
        using var gate = new Gate();
        var failure = new ArgumentException("bad token");
        var encoder = new FakeEncoder
        {
            OnEncode = (call, token) =>
            {
                gate.Enter(call, token);
                if (call.Prompts.Any(prompt => prompt.Span.Contains(666)))
                {
                    throw failure;
                }
            },
        };
        using var queue = NewQueue(encoder, 100);
        Task first = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        Task<ReadOnlyMemory<float>> good = queue.EncodeAsync([Ids(1)], [4], begun: false, default);
        Task<ReadOnlyMemory<float>> bad = queue.EncodeAsync([Ids(666)], [4], begun: false, default);
        Task<ReadOnlyMemory<float>> alsoGood = queue.EncodeAsync([Ids(3)], [4], begun: false, default);
        gate.Open();
        await first;
        AssertStates(await good, [[1]], [4]);
        AssertStates(await alsoGood, [[3]], [4]);
        Assert.Same(failure, await Assert.ThrowsAsync<ArgumentException>(() => bad));
        AssertStates(await queue.EncodeAsync([Ids(5)], [4], begun: false, default), [[5]], [4]);
    }

    [Fact]
    public async Task Failure_OutOfMemory_EndsThatCallAndTheNextSucceeds()
    {
        int calls = 0;
        var encoder = new FakeEncoder
        {
            OnEncode = (_, _) =>
            {
                if (++calls == 1)
                {
                    throw new OutOfMemoryException();
                }
            },
        };
        using var queue = NewQueue(encoder, 100);
        await Assert.ThrowsAsync<OutOfMemoryException>(() => queue.EncodeAsync([Ids(1)], [4], begun: false, default));
        AssertStates(await queue.EncodeAsync([Ids(1)], [4], begun: false, default), [[1]], [4]);
    }

    [Fact]
    public async Task Dispose_EndsWaitingAndRunningCallsAndWaitsForTheEncoder()
    {
        using var gate = new Gate();
        var encoder = new FakeEncoder
        {
            OnEncode = (call, token) =>
            {
                gate.Enter(call, default);
                token.WaitHandle.WaitOne(Soon);
                Thread.Sleep(50);
            },
        };
        var queue = NewQueue(encoder, 1);
        Task running = queue.EncodeAsync([Ids(9)], [4], begun: false, default);
        await gate.Entered(1);
        Task[] waiting = [.. Enumerable.Range(0, 20).Select(_ => queue.EncodeAsync([Ids(1)], [4], begun: false, default))];
        gate.Open();
        queue.Dispose();
        Assert.True(encoder.Disposals > 0);
        Assert.False(encoder.WasDisposedWhileEncoding);
        foreach (Task task in (Task[])[running, .. waiting])
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task.WaitAsync(Soon));
        }

        Assert.Single(encoder.Calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.EncodeAsync([Ids(1)], [4], begun: false, default));
        queue.Dispose();
    }

    [Fact]
    public async Task Dispose_ByTheEncoderItself_DoesNotHang()
    {
        EncodeQueue? queue = null;
        var encoder = new FakeEncoder { OnEncode = (_, _) => queue!.Dispose() };
        queue = NewQueue(encoder, 1);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.EncodeAsync([Ids(1)], [4], begun: false, default).WaitAsync(Soon));
    }

    [Fact]
    public async Task Dispose_DuringAStorm_EndsEveryCall()
    {
        for (int round = 0; round < 20; round++)
        {
            var encoder = new FakeEncoder { OnEncode = (_, token) => token.WaitHandle.WaitOne(1) };
            var queue = NewQueue(encoder, 8);
            Task[] calls = [.. Enumerable.Range(0, 50).Select(i => Task.Run(() => queue.EncodeAsync([Ids(i + 1)], [4], begun: false, default)))];
            await Task.Delay(round % 5);
            await Task.Run(queue.Dispose).WaitAsync(Soon);
            Assert.False(encoder.WasDisposedWhileEncoding);
            foreach (Task call in calls)
            {
                Exception? e = await Record.ExceptionAsync(() => call.WaitAsync(Soon));
                Assert.True(e is null or ObjectDisposedException, $"{e}");
            }
        }
    }

    private static EncodeQueue NewQueue(FakeEncoder encoder, int callTokens, long maxWaitingTokens = long.MaxValue) => new(encoder, new WorkLimits { CallTokens = callTokens }, maxWaitingTokens);

    private static ReadOnlyMemory<int> Ids(params int[] ids) => ids;

    private static string Describe(EncoderCall call) => string.Join(' ', call.Prompts.Select(prompt => string.Concat(prompt.ToArray())));

    private static void AssertStates(ReadOnlyMemory<float> states, int[][] prompts, int[] layers)
    {
        IEnumerable<float> expected = prompts.SelectMany(prompt => layers.SelectMany(layer => FakeEncoder.State(prompt, layer, 8)));
        Assert.Equal(expected, states.ToArray());
    }

    /// <summary>Holds the encoder's calls until they are released.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly SemaphoreSlim _entered = new(0);
        private readonly SemaphoreSlim _released = new(0);
        private int _seen;

        public CancellationToken LastToken { get; private set; }

        public void Enter(EncoderCall call, CancellationToken token)
        {
            LastToken = token;
            _entered.Release();
            _released.Wait(Soon, token);
        }

        public async Task Entered(int calls)
        {
            for (; _seen < calls; _seen++)
            {
                Assert.True(await _entered.WaitAsync(Soon), $"The encoder was not called {calls} times.");
            }
        }

        public void Release() => _released.Release();

        public void Open() => _released.Release(1000);

        public void Dispose()
        {
            _entered.Dispose();
            _released.Dispose();
        }
    }
}
