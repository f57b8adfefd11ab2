using MetaEol.Extensions.Batching;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>The queue, asked for the same layers of all prompts.</summary>
internal static class EncodeQueueCalls
{
    public static Task<ReadOnlyMemory<float>> EncodeAsync(
        this EncodeQueue queue, IReadOnlyList<ReadOnlyMemory<int>> prompts, int[] layers, bool begun, CancellationToken cancellationToken) =>
        queue.EncodeAsync(new EncodeRequest(prompts, WantedStates.Of(layers)), begun, cancellationToken);
}
