namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>What the device's thread runs; made, used and disposed on that thread.</summary>
internal interface IBatchEncoder : IDisposable
{
    /// <summary>Computes the hidden states of prompts, <c>[prompts × layers × hidden]</c>.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="layers">Indices into <c>hidden_states</c>.</param>
    /// <param name="checkpoint">Called before each unit of work; throws if nobody waits for the result any more.</param>
    float[] Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, int[] layers, Action checkpoint);
}
