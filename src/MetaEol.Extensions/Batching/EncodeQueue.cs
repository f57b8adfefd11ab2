using System.Diagnostics;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Llama;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.Batching;

/// <summary>
/// Stands in front of an encoder: a thread for each call that it computes at a time encodes, first come, first served, and merges requests that wait for the same layers into one call, so that many
/// small requests cost little more than one large. Owns the encoder.
/// </summary>
internal sealed class EncodeQueue : IDisposable
{
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly LinkedList<EncodeRequest> _waiting = new();
    private readonly IPromptEncoder _encoder;
    private readonly WorkLimits _limits;
    private readonly long _maxWaitingTokens;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly List<Worker> _workers = [];
    private int _idle;
    private long _waitingTokens;
    private bool _disposed;

    /// <param name="encoder">The encoder.</param>
    /// <param name="limits">How much is merged into one call.</param>
    /// <param name="maxWaitingTokens">Most prompt tokens that wait together.</param>
    /// <param name="modelId">What measurements are tagged with.</param>
    public EncodeQueue(IPromptEncoder encoder, WorkLimits limits, long maxWaitingTokens, string? modelId = null)
    {
        _encoder = encoder;
        _limits = limits;
        _maxWaitingTokens = maxWaitingTokens;
        _tags = MetaEolTelemetry.TagsOf(modelId, encoder);
    }

    /// <summary>Encodes a request's prompts: <c>[prompts × layers of a prompt × hidden]</c>. A caller that cancels leaves at once, whether its request waits or runs.</summary>
    /// <param name="request">The request, which is new.</param>
    /// <param name="begun">Whether a part of the same request was encoded before. What has begun is never refused, so that no work is thrown away.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GeneratorBusyException">Too much waits already.</exception>
    /// <exception cref="ObjectDisposedException">The queue is disposed, or becomes so during the call.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ReadOnlyMemory<float>> EncodeAsync(EncodeRequest request, bool begun, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enqueue(request, begun);
        using (cancellationToken.UnsafeRegister(token => Leave(request, cancellationToken), null))
        {
            return await request.Result.ConfigureAwait(false);
        }
    }

    /// <summary>Ends all calls with <see cref="ObjectDisposedException"/>, waits until the encoder has stopped, and disposes it.</summary>
    public void Dispose()
    {
        List<EncodeRequest> open;
        EncodeBatch[] running;
        Thread[] threads;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            open = [.. _waiting];
            MetaEolTelemetry.WaitingRequests.Add(-_waiting.Count, _tags);
            _waiting.Clear();
            _waitingTokens = 0;
            running = [.. _workers.Select(worker => worker.Running).OfType<EncodeBatch>()];
            threads = [.. _workers.Select(worker => worker.Thread)];
            Monitor.PulseAll(_gate);
        }

        open.AddRange(running.SelectMany(batch => batch.Requests));
        foreach (EncodeRequest request in open)
        {
            request.TryFail(new ObjectDisposedException(nameof(MetaEolEmbeddingGenerator)));
        }

        Array.ForEach(running, batch => batch.Cancel());
        if (threads.Contains(Thread.CurrentThread))
        {
            // The encoder itself disposes the generator: it is disposed when it returns.
            return;
        }

        Array.ForEach(threads, thread => thread.Join());
        _encoder.Dispose();
    }

    private void Enqueue(EncodeRequest request, bool begun)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(MetaEolEmbeddingGenerator));
            if (!begun && _waiting.Count > 0 && _waitingTokens + request.TokenCount > _maxWaitingTokens)
            {
                throw new GeneratorBusyException(_waiting.Count, _waitingTokens, _maxWaitingTokens);
            }

            _waiting.AddLast(request.Place);
            _waitingTokens += request.TokenCount;
            MetaEolTelemetry.WaitingRequests.Add(1, _tags);
            if (_waiting.Count > _idle && _workers.Count < _encoder.Metadata.ConcurrentCalls)
            {
                var worker = new Worker(this, _workers.Count);
                _workers.Add(worker);

                // Without the caller's execution context: the thread outlives the call that started it.
                worker.Thread.UnsafeStart();
            }
            else
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Leave(EncodeRequest request, CancellationToken cancellationToken)
    {
        if (!request.TryCancel(cancellationToken))
        {
            return;
        }

        EncodeBatch? unwanted = null;
        lock (_gate)
        {
            if (request.Batch is { } batch)
            {
                unwanted = batch.Leave() ? batch : null;
            }
            else if (request.Place.List is not null)
            {
                Remove(request);
                MetaEolTelemetry.WaitingRequests.Add(-1, _tags);
            }
        }

        unwanted?.Cancel();
    }

    private void Run(Worker worker)
    {
        while (Take(worker) is { } batch)
        {
            Encode(worker, batch, retry: batch.Requests.Count > 1);
        }

        // Idempotent: usually it is the disposing thread that waits for this one and then disposes the encoder.
        if (Volatile.Read(ref _disposed))
        {
            _encoder.Dispose();
        }
    }

    /// <summary>The next batch; null if the thread is to end.</summary>
    private EncodeBatch? Take(Worker worker)
    {
        lock (_gate)
        {
            worker.Running = null;
            while (_waiting.Count == 0 && !_disposed)
            {
                _idle++;
                bool pulsed = Monitor.Wait(_gate, IdleTimeout);
                _idle--;
                if (!pulsed && _waiting.Count == 0 && !_disposed)
                {
                    _workers.Remove(worker);
                    return null;
                }
            }

            return worker.Running = _disposed ? null : TakeWaiting();
        }
    }

    /// <summary>The first that waits, and those behind it that the call takes, too.</summary>
    private EncodeBatch TakeWaiting()
    {
        var requests = new List<EncodeRequest>();
        long tokens = 0;
        for (LinkedListNode<EncodeRequest>? node = _waiting.First; node is not null && tokens < _limits.CallTokens;)
        {
            EncodeRequest request = node.Value;
            node = node.Next;
            if (requests.Count == 0 || (_limits.CallTakes(tokens, request.TokenCount) && requests[0].Wanted.MergesWith(request.Wanted)))
            {
                Remove(request);
                requests.Add(request);
                tokens += request.TokenCount;
            }
        }

        MetaEolTelemetry.WaitingRequests.Add(-requests.Count, _tags);
        return NewBatch(requests);
    }

    private void Remove(EncodeRequest request)
    {
        _waiting.Remove(request.Place);
        _waitingTokens -= request.TokenCount;
    }

    private static EncodeBatch NewBatch(IReadOnlyList<EncodeRequest> requests)
    {
        var batch = new EncodeBatch(requests);
        foreach (EncodeRequest request in requests)
        {
            request.Batch = batch;
        }

        return batch;
    }

    private void Encode(Worker worker, EncodeBatch batch, bool retry)
    {
        try
        {
            int stride = batch.Input.LayersPerPrompt * _encoder.Metadata.Dimensions;
            float[] states = GC.AllocateUninitializedArray<float>(checked(batch.Input.Prompts.Count * stride));
            long started = Stopwatch.GetTimestamp();
            _encoder.Encode(batch.Input, states, batch.Cancellation);
            MetaEolTelemetry.RecordEncode(Stopwatch.GetElapsedTime(started), batch.Requests.Count, batch.Input.Prompts.Count, batch.Requests.Sum(request => request.TokenCount), _tags);
            int start = 0;
            foreach (EncodeRequest request in batch.Requests)
            {
                int length = request.Prompts.Count * stride;
                request.TryComplete(states.AsMemory(start, length));
                start += length;
            }
        }
        catch (Exception e) when (retry && !batch.Cancellation.IsCancellationRequested && e is not ObjectDisposedException)
        {
            EncodeSingly(worker, batch);
        }
        catch (Exception e)
        {
            foreach (EncodeRequest request in batch.Requests)
            {
                request.TryFail(e);
            }
        }
    }

    // One request's prompts may have made a merged call fail; the others must not suffer for it.
    private void EncodeSingly(Worker worker, EncodeBatch failed)
    {
        foreach (EncodeRequest request in failed.Requests)
        {
            EncodeBatch single;
            lock (_gate)
            {
                if (_disposed)
                {
                    request.TryFail(new ObjectDisposedException(nameof(MetaEolEmbeddingGenerator)));
                }

                if (request.Result.IsCompleted)
                {
                    continue;
                }

                worker.Running = single = NewBatch([request]);
            }

            Encode(worker, single, retry: false);
        }
    }

    /// <summary>A thread that encodes.</summary>
    private sealed class Worker
    {
        public Worker(EncodeQueue queue, int number) => Thread = new Thread(() => queue.Run(this)) { IsBackground = true, Name = $"MetaEol encode {number}" };

        public Thread Thread { get; }

        /// <summary>The batch that it encodes. Guarded by the queue's lock.</summary>
        public EncodeBatch? Running { get; set; }
    }
}
