namespace MetaEol.Extensions.Tests.TestSupport;

internal sealed record EncoderCall(IReadOnlyList<ReadOnlyMemory<int>> Prompts, int[] Layers);
