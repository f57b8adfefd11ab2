namespace MetaEol.Llama.Quantization;

/// <summary>Options of <see cref="ModelQuantizer"/>.</summary>
public sealed record QuantizeOptions
{
    /// <summary>Most bytes of weights in a file, at least 1; a single tensor may have more. Part of what is written: models of equal bytes need equal sizes. Default: 4 GB (4 · 10⁹).</summary>
    public long ShardBytes { get; init; } = 4_000_000_000;

    /// <summary>Number of threads that compute, at least 1. Default: the number of processors available to the process. Never changes a byte.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
