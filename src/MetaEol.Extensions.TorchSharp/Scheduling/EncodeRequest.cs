using System.Runtime.ExceptionServices;

namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>One call of Encode on its way through the device's thread.</summary>
internal sealed class EncodeRequest
{
    private readonly ManualResetEventSlim _finished = new();
    private float[] _states = [];
    private ExceptionDispatchInfo? _error;

    /// <param name="prompts">The prompts; copied, because a cancelled caller returns while the device's thread may still read them.</param>
    /// <param name="layers">Indices into <c>hidden_states</c>.</param>
    /// <param name="cancellation">The caller's token.</param>
    public EncodeRequest(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, CancellationToken cancellation)
    {
        var copies = new ReadOnlyMemory<int>[prompts.Count];
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i] = prompts[i].ToArray();
            Tokens += copies[i].Length;
        }

        Prompts = copies;
        Layers = layers.ToArray();
        Cancellation = cancellation;
    }

    public ReadOnlyMemory<int>[] Prompts { get; }

    public int[] Layers { get; }

    public long Tokens { get; }

    public CancellationToken Cancellation { get; }

    public void Succeed(float[] states)
    {
        _states = states;
        _finished.Set();
    }

    public void Fail(Exception error)
    {
        _error = ExceptionDispatchInfo.Capture(error);
        _finished.Set();
    }

    /// <summary>Waits for the states, <c>[prompts × layers × hidden]</c>.</summary>
    public float[] Wait()
    {
        _finished.Wait(Cancellation);
        _error?.Throw();
        return _states;
    }
}
