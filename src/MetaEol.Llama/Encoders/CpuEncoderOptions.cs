using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Encoders;

/// <summary>Options of the CPU encoder; bindable from configuration.</summary>
public sealed record CpuEncoderOptions
{
    /// <summary>Most threads: more than any machine has use for, and few enough that a slip of the pen does not exhaust one.</summary>
    public const int MaximumThreads = WorkerPool.MaximumThreads;

    /// <summary>Number of threads that compute, 1 to <see cref="MaximumThreads"/>. Default: the number of processors available to the process.</summary>
    public int Threads { get; set; } = Math.Min(Environment.ProcessorCount, MaximumThreads);

    /// <summary>Most token rows that are computed in one step, at least 1. Default: 512.</summary>
    public int StepRows { get; set; } = 512;

    /// <summary>Whether equal beginnings of prompts are computed once. Never changes a result; off only for comparison.</summary>
    public bool SharePrefixes { get; set; } = true;

    /// <summary>Most bytes of keys and values of shared prefixes kept between calls; 0 keeps none. Default: 512 MB.</summary>
    public long PrefixCacheBytes { get; set; } = 512L << 20;

    /// <summary>
    /// A folder in which the keys and values of beginnings that different prompts share, such as those of templates, are kept for later processes with the same model, in files
    /// that are mapped, at most <see cref="PrefixCacheBytes"/> for each model and precision. It tells the token ids of those beginnings to whoever may read it. Null, the default, keeps none.
    /// </summary>
    public string? PrefixCachePath { get; set; }

    /// <summary>
    /// Most bytes for the hidden states, keys and values of a call, at least 1; a larger call runs in several passes over the weights. Default: 256 MB.
    /// </summary>
    public long PassBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Arithmetic of the matrix products. Default: null, which takes what the weights are stored for: <see cref="Precision.Int8"/> for a model that is quantized, else
    /// <see cref="Precision.Float32"/>. A quantized model has no other precision than 8 bits.
    /// </summary>
    public Precision? Precision { get; set; }

    /// <summary>
    /// The relative error of a hidden state that <see cref="Precision.Fastest"/> may cost, above 0: from 0.05 on it may take 8 bits, from 0.01 on bfloat16, below that float32.
    /// Default: 0.01.
    /// </summary>
    public double FastestMaximumError { get; set; } = 0.01;

    /// <summary>
    /// Whether kernels in machine code may be made at run time, for instructions that .NET does not offer. Off where a process must not make memory executable; 8 bits are
    /// then slower, with the same results, and bfloat16 is not there. Default: true.
    /// </summary>
    public bool EmittedKernels { get; set; } = true;
}
