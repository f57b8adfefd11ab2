using System.Threading.Channels;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>The one thread that touches the device: every tensor is made, used and disposed on it.</summary>
/// <remarks>
/// TorchSharp's dispose scopes and inference mode belong to a thread, so that neither could be held across an await; and one thread keeps the order of the
/// device's work without locks. Requests wait in a channel; those found waiting together run as one.
/// </remarks>
internal sealed class DeviceThread : IDisposable
{
    private readonly Channel<EncodeRequest> _requests = Channel.CreateUnbounded<EncodeRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<IBatchEncoder> _create;
    private readonly int _hiddenSize;
    private readonly long _maxMergedTokens;
    private readonly Thread _thread;
    private volatile bool _disposed;

    /// <summary>Starts the thread and waits until the encoder is made.</summary>
    /// <param name="create">Makes the encoder.</param>
    /// <param name="hiddenSize">Width of a hidden state.</param>
    /// <param name="maxMergedTokens">Most tokens of requests that run as one.</param>
    public DeviceThread(Func<IBatchEncoder> create, int hiddenSize, long maxMergedTokens)
    {
        _create = create;
        _hiddenSize = hiddenSize;
        _maxMergedTokens = maxMergedTokens;
        _thread = new Thread(Run) { IsBackground = true, Name = "MetaEol libtorch" };
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a request and gives its states; the caller waits.</summary>
    /// <exception cref="ObjectDisposedException">The thread has ended, or ends before the request is done.</exception>
    public float[] Run(EncodeRequest request)
    {
        if (!_requests.Writer.TryWrite(request))
        {
            throw Disposed();
        }

        return request.Wait();
    }

    public void Dispose()
    {
        _disposed = true;
        _requests.Writer.TryComplete();
        _thread.Join();
    }

    private static ObjectDisposedException Disposed() => new(nameof(TorchSharpPromptEncoder));

    private void Run()
    {
        IBatchEncoder encoder;
        try
        {
            encoder = _create();
        }
        catch (Exception exception)
        {
            _started.SetException(exception);
            return;
        }

        // Only now: without libtorch, this would be where the process learned of it.
        using IDisposable noGradients = torch.inference_mode();
        using (encoder)
        {
            _started.SetResult();
            var waiting = new List<EncodeRequest>();
            while (waiting.Count > 0 || _requests.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (_requests.Reader.TryRead(out EncodeRequest? request))
                {
                    waiting.Add(request);
                }

                if (waiting.Count > 0)
                {
                    Encode(encoder, RequestMerger.Take(waiting, _maxMergedTokens));
                }
            }
        }
    }

    private void Encode(IBatchEncoder encoder, List<EncodeRequest> batch)
    {
        batch.RemoveAll(request => request.Cancellation.IsCancellationRequested);
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            float[] states = encoder.Encode([.. batch.SelectMany(request => request.Prompts)], batch[0].Layers, Checkpoint);
            int begin = 0;
            foreach (EncodeRequest request in batch)
            {
                int length = request.Prompts.Length * request.Layers.Length * _hiddenSize;
                request.Succeed(states[begin..(begin + length)]);
                begin += length;
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, it belongs to the callers; the thread goes on with the next requests.
            batch.ForEach(request => request.Fail(exception));
        }

        void Checkpoint()
        {
            if (_disposed)
            {
                throw Disposed();
            }

            if (batch.TrueForAll(request => request.Cancellation.IsCancellationRequested))
            {
                throw new OperationCanceledException(batch[0].Cancellation);
            }
        }
    }
}
