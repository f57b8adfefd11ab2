using MetaEol.Llama.Configuration;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Encoders;

/// <summary>What an encoder keeps between calls: threads, projections, rotary tables and buffers; what the planner asks of it. Used by one call at a time.</summary>
internal sealed unsafe class EncoderState : IEncodeBackend<PrefixKeysValues>, IDisposable
{
    private readonly EncoderProducts _products;
    private readonly PrefixFolder? _prefixFolder;
    private readonly LayerProjections?[] _projections;
    private readonly Dictionary<(RotaryParameters Rotary, int LengthKey), RotaryTable> _rotaryTables = [];

    public EncoderState(LlamaConfig config, LlamaWeights weights, CpuEncoderOptions options, EncoderProducts products, PrefixFolder? prefixFolder)
    {
        _prefixFolder = prefixFolder;
        Config = config;
        Weights = weights;
        Options = options;
        Limits = new WorkLimits(options.StepRows, options.PassBytes);
        Pool = new WorkerPool(options.Threads);
        AttentionScratch = new FloatBuffer[options.Threads];
        for (int i = 0; i < AttentionScratch.Length; i++)
        {
            AttentionScratch[i] = new FloatBuffer();
        }

        _products = products;
        _projections = new LayerProjections?[config.LayerCount];
    }

    public LlamaConfig Config { get; }

    public LlamaWeights Weights { get; }

    public CpuEncoderOptions Options { get; }

    public WorkLimits Limits { get; }

    public WorkerPool Pool { get; }

    /// <summary>Hidden states of all rows of a pass, which they keep from stage to stage, and of the prompts' last tokens.</summary>
    public FloatBuffer Hidden { get; } = new();

    public FloatBuffer LastHidden { get; } = new();

    /// <summary>One layer's keys and values of all rows of a pass.</summary>
    public FloatBuffer Keys { get; } = new();

    public FloatBuffer Values { get; } = new();

    /// <summary>A step's normed hidden states, projections, and attention results.</summary>
    public FloatBuffer Normed { get; } = new();

    public FloatBuffer Projected { get; } = new();

    public FloatBuffer Attended { get; } = new();

    /// <summary>A block's output where it is normed or scaled before it is added to the hidden states.</summary>
    public FloatBuffer Branch { get; } = new();

    /// <summary>One per worker.</summary>
    public FloatBuffer[] AttentionScratch { get; }

    private int KeyValueWidth => Config.KeyValueHeads * Config.HeadDimension;

    public long BytesOf(int tokens, int layers) => PrefixKeysValues.BytesOf(tokens, layers, KeyValueWidth);

    public PrefixKeysValues Create(int tokens, int layers) => new(tokens, layers, KeyValueWidth);

    public IEnumerable<RestoredPrefix<PrefixKeysValues>> Restore() => _prefixFolder?.Restore() ?? [];

    public bool IsIntact(PrefixKeysValues entry) => _prefixFolder?.IsIntact(entry) ?? true;

    public void Keep(ReadOnlySpan<int> tokens, int rotaryKey, int layers, PrefixKeysValues entry) => _prefixFolder?.Keep(tokens, rotaryKey, layers, entry);

    public void Run(PlannedPass<PrefixKeysValues> pass)
    {
        foreach (PassStage<PrefixKeysValues> stage in pass.Stages)
        {
            new EncodePass(this, pass, stage).Run();
        }

        TrimRotaryTables();
    }

    public LayerProjections Projections(int layer) => _projections[layer] ??= new LayerProjections(Weights.Layers[layer], _products.Factory);

    /// <summary>Angles of at least <paramref name="positions"/> positions of a layer's rotary embedding, for prompts of one rotary key.</summary>
    public float* Angles(RotaryParameters rotary, int rotaryKey, int positions)
    {
        if (!_rotaryTables.TryGetValue((rotary, rotaryKey), out RotaryTable? table))
        {
            table = new RotaryTable(rotary, rotaryKey);
            _rotaryTables.Add((rotary, rotaryKey), table);
        }

        return table.Reserve(positions);
    }

    /// <summary>Forgets the rotary tables that only prompts of one length use.</summary>
    public void TrimRotaryTables()
    {
        foreach (((RotaryParameters rotary, int key), RotaryTable table) in _rotaryTables)
        {
            if (key != 0 && rotary.Scaling?.Type == RopeType.Dynamic)
            {
                table.Dispose();
                _rotaryTables.Remove((rotary, key));
            }
        }
    }

    public void Dispose()
    {
        Pool.Dispose();
        foreach (LayerProjections? projections in _projections)
        {
            projections?.Dispose();
        }

        _products.Dispose();

        foreach (RotaryTable table in _rotaryTables.Values)
        {
            table.Dispose();
        }

        foreach (FloatBuffer buffer in (FloatBuffer[])[Hidden, LastHidden, Keys, Values, Normed, Projected, Attended, Branch, .. AttentionScratch])
        {
            buffer.Dispose();
        }
    }
}
