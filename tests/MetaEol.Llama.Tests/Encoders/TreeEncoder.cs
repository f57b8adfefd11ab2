using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Encoders;

/// <summary>
/// All that an encoder needs over the planner: the plain decoder's arithmetic, and yet with the prefix tree, the prefix cache and passes. What to read before one
/// writes another backend.
/// </summary>
internal sealed class TreeEncoder : IPromptEncoder, IEncodeBackend<TreeEncoder.Prefix>
{
    private readonly LlamaConfig _config;
    private readonly PlainEncoder _decoder;
    private readonly EncodePlanner<Prefix> _planner;
    private readonly Lock _turn = new();
    private bool _disposed;

    public TreeEncoder(LlamaConfig config, LlamaWeights weights, EncodePlannerOptions? options = null)
    {
        _config = config;
        _decoder = new PlainEncoder(config, weights);
        Metadata = PromptEncoderMetadata.Of(config);
        options = (options ?? new EncodePlannerOptions()) with { RotaryKey = length => RotaryFrequencies.LengthKey(config, length) };
        _planner = new EncodePlanner<Prefix>(this, Metadata, options);
    }

    public PromptEncoderMetadata Metadata { get; }

    public string Fingerprint => "tree";

    public int CachedPrefixes => _planner.CachedPrefixes;

    /// <summary>Rows of all passes so far.</summary>
    public int RowsComputed { get; private set; }

    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default) =>
        Encode(new PromptBatch(prompts, layers), hiddenStates, cancellationToken);

    public void Encode(PromptBatch batch, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        EncodeCall call = _planner.CreateCall(batch, hiddenStates.Length);
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _planner.Run(call, cancellationToken.ThrowIfCancellationRequested);
        }

        call.CopyTo(hiddenStates);
    }

    public long BytesOf(int tokens, int layers) => (long)tokens * layers * 2 * _config.KeyValueHeads * _config.HeadDimension * sizeof(double);

    public Prefix Create(int tokens, int layers) => new(layers);

    public void Run(PlannedPass<Prefix> pass)
    {
        RowsComputed += pass.Plan.TokensComputed;
        double[][] x = [.. pass.Plan.Tokens.ToArray().Select(_decoder.Embed)];
        foreach ((int row, _) in pass.Placeholders)
        {
            x[row] = pass.Prepending!.PlaceholderEmbedding is { Length: > 0 } given ? Array.ConvertAll(given.ToArray(), value => (double)value) : x[row];
        }

        for (int layer = 0; layer < pass.Depth; layer++)
        {
            Store(pass, layer, x);
            pass.Checkpoint();
            foreach ((int row, int last) in pass.Prepending?.Covers(layer) == true ? pass.Placeholders : [])
            {
                x[row] = x[last];
            }

            x = _decoder.Layer(layer, x, normed => Attention(pass, layer, normed));
        }

        Store(pass, pass.Depth, x);
    }

    public void Dispose()
    {
        lock (_turn)
        {
            _disposed = true;
            _planner.Dispose();
        }
    }

    private void Store(PlannedPass<Prefix> pass, int index, double[][] x)
    {
        if (pass.IsWanted(index))
        {
            IEnumerable<double[]> states = pass.Plan.PromptRows.ToArray().Select(row => index == _config.LayerCount ? _decoder.FinalNorm(x[row]) : x[row]);
            pass.Store(index, [.. states.SelectMany(state => state).Select(value => (float)value)]);
        }
    }

    /// <summary>Attention of every row over the keys of its own path through the tree.</summary>
    private double[][] Attention(PlannedPass<Prefix> pass, int layer, double[][] x)
    {
        ReadOnlySpan<Segment> segments = pass.Plan.Segments;
        var output = new double[x.Length][];

        // For each segment the keys and values from position 0 to its end; parents come before their children.
        var paths = new (double[] Key, double[] Value)[segments.Length][];
        for (int s = 0; s < segments.Length; s++)
        {
            Segment segment = segments[s];
            if (segment.IsCached)
            {
                paths[s] = pass.CachedEntries[segment.CacheEntry].Layers[layer][..segment.Length];
                continue;
            }

            var heads = new (double[] Query, double[] Key, double[] Value)[segment.Length];
            for (int i = 0; i < heads.Length; i++)
            {
                heads[i] = _decoder.Heads(layer, x[segment.FirstRow + i], segment.Position + i, segment.RotaryKey);
            }

            paths[s] = [.. segment.Parent < 0 ? [] : paths[segment.Parent], .. heads.Select(token => (token.Key, token.Value))];
            for (int i = 0; i < heads.Length; i++)
            {
                output[segment.FirstRow + i] = _decoder.Attend(layer, heads[i].Query, paths[s].AsSpan(0, segment.Position + i + 1));
            }
        }

        foreach (NewPrefix<Prefix> prefix in pass.NewPrefixes)
        {
            (int last, int length) = prefix.Runs[^1];
            prefix.Entry.Layers[layer] = paths[last][..(segments[last].Position + length)];
        }

        return output;
    }

    /// <summary>A prefix's keys and values: for each layer, those of each token.</summary>
    internal sealed class Prefix(int layers) : IDisposable
    {
        public (double[] Key, double[] Value)[][] Layers { get; } = new (double[] Key, double[] Value)[layers][];

        public void Dispose()
        {
            // Arrays are the collector's.
        }
    }
}
