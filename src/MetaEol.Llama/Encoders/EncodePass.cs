using MetaEol.Llama.Configuration;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Encoders;

/// <summary>
/// Runs one stage of a planned pass through the decoder, layer by layer over all its rows, in steps: each weight is read once, and only one layer's keys and values
/// exist at a time.
/// </summary>
internal sealed unsafe class EncodePass
{
    private const int RowsPerItem = 8;

    // Rows a power of two apart compete for the same lines of the cache while a product reads eight of them at once: they are put a little further apart.
    private const int RowPadding = 16;

    private readonly EncoderState _state;
    private readonly LlamaConfig _config;
    private readonly PlannedPass<PrefixKeysValues> _pass;
    private readonly PassStage<PrefixKeysValues> _stage;
    private readonly EncodePlan _plan;
    private readonly int[] _rowSegments;
    private readonly int[] _rowPositions;
    private readonly int[] _allRows;
    private readonly int[] _askedRows;
    private readonly Dictionary<RotaryParameters, nint[]> _angles = [];
    private readonly KeyRange[] _ranges;
    private readonly int[] _lastRows;
    private readonly Action _checkpoint;

    // Of the layer at hand: where each segment's angles begin; null where the layer has no positions.
    private nint[]? _segmentAngles;
    private int _pairs;

    /// <param name="state">What outlives the pass: weights, threads, buffers.</param>
    /// <param name="pass">What is computed.</param>
    /// <param name="stage">The stage of it.</param>
    public EncodePass(EncoderState state, PlannedPass<PrefixKeysValues> pass, PassStage<PrefixKeysValues> stage)
    {
        EncodePlan plan = stage.Plan;
        _state = state;
        _config = state.Config;
        _pass = pass;
        _stage = stage;
        _plan = plan;
        _checkpoint = pass.Checkpoint;
        _lastRows = plan.PromptRows.ToArray();
        _askedRows = [.. stage.AskedRows];
        _rowSegments = new int[plan.TokensComputed];
        _rowPositions = new int[plan.TokensComputed];
        _allRows = new int[plan.TokensComputed];
        _ranges = new KeyRange[plan.Segments.Length];
        for (int row = 0; row < _allRows.Length; row++)
        {
            _allRows[row] = row;
        }

        var lengths = new Dictionary<int, int>();
        foreach (Segment segment in plan.Segments)
        {
            lengths[segment.RotaryKey] = Math.Max(lengths.GetValueOrDefault(segment.RotaryKey), segment.Position + segment.Length);
        }

        for (int s = 0; s < plan.Segments.Length; s++)
        {
            Segment segment = plan.Segments[s];
            for (int i = 0; i < segment.Length && !segment.IsCached; i++)
            {
                _rowSegments[segment.FirstRow + i] = s;
                _rowPositions[segment.FirstRow + i] = segment.Position + i;
            }
        }

        foreach (RotaryParameters rotary in _config.Rotary.OfType<RotaryParameters>().Distinct())
        {
            var angles = new nint[plan.Segments.Length];
            for (int s = 0; s < angles.Length; s++)
            {
                int key = plan.Segments[s].RotaryKey;
                angles[s] = (nint)state.Angles(rotary, key, lengths[key]);
            }

            _angles.Add(rotary, angles);
        }
    }

    /// <summary>Bytes that one row needs for the whole of a pass: its hidden state and one layer's keys and values.</summary>
    public static long BytesPerRow(LlamaConfig config) =>
        sizeof(float) * (config.HiddenSize + (2L * config.KeyValueHeads * config.HeadDimension));

    /// <summary>Runs the stage's layers, and leaves the hidden states of the rows that stay.</summary>
    public void Run()
    {
        int end = _stage.EndLayer;
        int rows = _plan.TokensComputed;
        int hiddenSize = _config.HiddenSize;
        float* hidden = _state.Hidden.Reserve((long)rows * hiddenSize);
        float* last = _state.LastHidden.Reserve((long)_lastRows.Length * hiddenSize);
        if (_stage.FirstLayer == 0)
        {
            Embed(hidden);
        }

        for (int layer = _stage.FirstLayer; layer < end; layer++)
        {
            // Where a stage begins, the one before has stored the states.
            if (_pass.IsWanted(layer) && (layer > _stage.FirstLayer || layer == 0))
            {
                Gather(hidden, _lastRows, last);
                StoreStates(layer, last);
            }

            Prepend(layer, hidden);
            int width = AttentionShape.Of(_config, layer).KeyValueWidth;
            float* keys = _state.Keys.Reserve((long)rows * width);
            float* values = _state.Values.Reserve((long)rows * width);
            SetRanges(layer, keys, values, width);
            RunLayer(layer, hidden, all: layer < end - 1, keys, values);
            StoreNewPrefixes(layer, width);
        }

        // The last layer has left the rows that were asked for, behind one another.
        int[] left = end == _stage.FirstLayer ? _allRows : _askedRows;
        Gather(hidden, Array.ConvertAll(_lastRows, row => Array.BinarySearch(left, row)), last);
        if (end == _config.LayerCount)
        {
            FinalNorm(last);
        }

        StoreStates(end, last);
        Gather(hidden, [.. _stage.StayingRows.Select(row => Array.BinarySearch(left, row))], hidden);
    }

    /// <summary>One layer: keys and values of every row, all else of the rows that are asked for.</summary>
    /// <remarks>Rows are in depth-first order: when a row attends, the keys of the rows before it are there.</remarks>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="hidden">Hidden states of every row, which the layer's results replace: those of the rows asked for, behind one another.</param>
    /// <param name="all">Whether every row is asked for; if not, those that are needed behind the stage's last layer.</param>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives the values.</param>
    private void RunLayer(int layer, float* hidden, bool all, float* keys, float* values)
    {
        LayerWeights weights = _state.Weights.Layers[layer];
        LayerProjections projections = _state.Projections(layer);
        AttentionShape shape = AttentionShape.Of(_config, layer);
        RotaryParameters? rotary = _config.Rotary[layer];
        (_segmentAngles, _pairs) = rotary is null ? (null, 0) : (_angles[rotary], rotary.Pairs);
        int size = _config.HiddenSize;

        // Every row: one product gives its query, too.
        Linear project = all ? projections.QueryKeyValue : projections.KeyValue;
        int width = project.Outputs;
        foreach ((int first, int count) in Steps(_plan.TokensComputed))
        {
            _checkpoint();
            float* x = hidden + ((nint)first * size);
            float* projected = Project(project, x, weights.BeforeAttentionNorm, count);
            ForRows(count, i =>
            {
                float* row = projected + ((nint)i * width);
                if (all)
                {
                    RotateHeads(first + i, row, shape.Heads, weights.QueryNorm);
                }

                StoreKeysValues(first + i, row + (width - (2 * shape.KeyValueWidth)), weights, shape, keys, values);
            });
            if (all)
            {
                AttendAndTransform(layer, _allRows.AsMemory(first, count), projected, width, x);
            }
        }

        if (all)
        {
            return;
        }

        Gather(hidden, _askedRows, hidden);
        foreach ((int first, int count) in Steps(_askedRows.Length))
        {
            _checkpoint();
            float* x = hidden + ((nint)first * size);
            float* queries = Project(projections.Query, x, weights.BeforeAttentionNorm, count);
            ForRows(count, i => RotateHeads(_askedRows[first + i], queries + ((nint)i * shape.QueryWidth), shape.Heads, weights.QueryNorm));
            AttendAndTransform(layer, _askedRows.AsMemory(first, count), queries, shape.QueryWidth, x);
        }
    }

    /// <summary>Attention and MLP of some rows, each added to the rows' hidden states.</summary>
    private void AttendAndTransform(int layer, ReadOnlyMemory<int> rows, float* queries, int queryStride, float* hidden)
    {
        LayerWeights weights = _state.Weights.Layers[layer];
        LayerProjections projections = _state.Projections(layer);
        AttentionShape shape = AttentionShape.Of(_config, layer);
        int intermediate = _config.IntermediateSize;
        float* attended = _state.Attended.Reserve((long)rows.Length * shape.QueryWidth);
        SegmentAttention.Run(_state.Pool, _state.AttentionScratch, shape, _ranges, rows, _rowSegments, _rowPositions, queries, queryStride, attended);
        AddBlock(projections.AttentionOutput, null, attended, shape.QueryWidth, rows.Length, weights.AfterAttentionNorm, hidden);

        int stride = (2 * intermediate) + RowPadding;
        float* gateUp = _state.Projected.Reserve((long)rows.Length * stride);
        MultiplyNormed(projections.GateUp, hidden, weights.BeforeMlpNorm, rows.Length, gateUp, stride);
        RowMaker activate = (i, target) =>
        {
            float* gate = gateUp + ((nint)i * stride);
            GatedActivation.Apply(_config.Activation, gate, gate + intermediate, target, intermediate);
        };
        AddBlock(projections.Down, activate, gateUp, stride, rows.Length, weights.AfterMlpNorm, hidden);
    }

    /// <summary>A block's last projection, normed and scaled where the model does so, added to the hidden states.</summary>
    /// <param name="project">The projection.</param>
    /// <param name="make">Makes its input rows; null if they are there.</param>
    /// <param name="input">The input rows, or room for them.</param>
    /// <param name="inputStride">Floats from one to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="norm">The norm's weight, or null.</param>
    /// <param name="hidden">The hidden states.</param>
    private void AddBlock(Linear project, RowMaker? make, float* input, nint inputStride, int rows, float[]? norm, float* hidden)
    {
        int size = _config.HiddenSize;
        float scale = (float)_config.ResidualScale;
        if (norm is null && scale == 1)
        {
            Multiply(project, make, input, inputStride, rows, hidden, size, accumulate: true);
            return;
        }

        float* branch = _state.Branch.Reserve((long)rows * size);
        Multiply(project, make, input, inputStride, rows, branch, size, accumulate: false);
        ForRows(rows, i =>
        {
            float* row = branch + ((nint)i * size);
            fixed (float* w = norm)
            {
                if (w != null)
                {
                    RmsNorm.Apply(row, w, row, size, _config.RmsNormEpsilon);
                }
            }

            ScaledAdd.Apply(row, scale, hidden + ((nint)i * size), size);
        });
    }

    private void Multiply(Linear project, RowMaker? make, float* input, nint inputStride, int rows, float* output, nint outputStride, bool accumulate)
    {
        if (make is null)
        {
            project.Multiply(_state.Pool, input, inputStride, rows, output, outputStride, accumulate);
        }
        else
        {
            project.Multiply(_state.Pool, make, input, inputStride, rows, output, outputStride, accumulate);
        }
    }

    private float* Project(Linear project, float* hidden, float[]? norm, int rows)
    {
        float* projected = _state.Projected.Reserve((long)rows * project.Outputs);
        MultiplyNormed(project, hidden, norm, rows, projected, project.Outputs);
        return projected;
    }

    /// <summary>A projection of hidden states, normed if the model does so here.</summary>
    private void MultiplyNormed(Linear project, float* hidden, float[]? norm, int rows, float* output, nint outputStride)
    {
        int size = _config.HiddenSize;
        if (norm is null)
        {
            project.Multiply(_state.Pool, hidden, size, rows, output, outputStride, accumulate: false);
            return;
        }

        RowMaker make = (i, target) =>
        {
            fixed (float* weight = norm)
            {
                RmsNorm.Apply(hidden + ((nint)i * size), weight, target, size, _config.RmsNormEpsilon);
            }
        };
        int stride = size + RowPadding;
        project.Multiply(_state.Pool, make, _state.Normed.Reserve((long)rows * stride), stride, rows, output, outputStride, accumulate: false);
    }

    private void Embed(float* hidden)
    {
        WeightMatrix embedding = _state.Weights.TokenEmbedding;
        int size = _config.HiddenSize;
        double scale = _config.EmbeddingScale;
        ForRows(_plan.TokensComputed, row =>
        {
            float* target = hidden + ((nint)row * size);
            WeightReader.Read(embedding, _plan.Tokens[row], 0, size, target);
            for (int i = 0; i < size && scale != 1; i++)
            {
                target[i] = (float)(target[i] * scale);
            }
        });
        if (_pass.Prepending is { PlaceholderEmbedding: { Length: > 0 } placeholder })
        {
            foreach ((int row, _) in _stage.Placeholders)
            {
                placeholder.Span.CopyTo(new Span<float>(hidden + ((nint)row * size), size));
            }
        }
    }

    /// <summary>Copies rows behind one another; they are ascending, so that this may be done in place.</summary>
    private void Gather(float* hidden, ReadOnlySpan<int> rows, float* target)
    {
        int size = _config.HiddenSize;
        for (int i = 0; i < rows.Length; i++)
        {
            new ReadOnlySpan<float>(hidden + ((nint)rows[i] * size), size).CopyTo(new Span<float>(target + ((nint)i * size), size));
        }
    }

    /// <summary>Puts the prompts' last states in the place of their placeholders', where token prepending asks for it before this layer.</summary>
    private void Prepend(int layer, float* hidden)
    {
        int size = _config.HiddenSize;
        if (_pass.Prepending is { } prepending && prepending.Covers(layer))
        {
            foreach ((int row, int lastRow) in _stage.Placeholders)
            {
                new ReadOnlySpan<float>(hidden + ((nint)lastRow * size), size).CopyTo(new Span<float>(hidden + ((nint)row * size), size));
            }
        }
    }

    private void StoreKeysValues(int row, float* keyValue, LayerWeights weights, AttentionShape shape, float* keys, float* values)
    {
        int width = shape.KeyValueWidth;
        RotateHeads(row, keyValue, shape.KeyValueHeads, weights.KeyNorm);
        new ReadOnlySpan<float>(keyValue, width).CopyTo(new Span<float>(keys + ((nint)row * width), width));
        new ReadOnlySpan<float>(keyValue + width, width).CopyTo(new Span<float>(values + ((nint)row * width), width));
    }

    /// <summary>Norms the heads of one row, where the model does so, and rotates them to the row's position, where the layer has positions.</summary>
    private void RotateHeads(int row, float* heads, int count, float[]? norm)
    {
        int dimension = _config.HeadDimension;
        float* angles = _segmentAngles is null ? null : (float*)_segmentAngles[_rowSegments[row]] + ((nint)_rowPositions[row] * 2 * _pairs);
        fixed (float* w = norm)
        {
            if (_config.QueryKeyNorm == QueryKeyNorm.FullWidth)
            {
                RmsNorm.Apply(heads, w, heads, count * dimension, _config.RmsNormEpsilon);
            }

            for (int head = 0; head < count; head++, heads += dimension)
            {
                if (_config.QueryKeyNorm == QueryKeyNorm.PerHead)
                {
                    RmsNorm.Apply(heads, w, heads, dimension, _config.RmsNormEpsilon);
                }

                if (angles != null)
                {
                    Rotary.Apply(heads, angles, _pairs);
                }
            }
        }
    }

    private void SetRanges(int layer, float* keys, float* values, int width)
    {
        ReadOnlySpan<Segment> segments = _plan.Segments;
        for (int s = 0; s < segments.Length; s++)
        {
            Segment segment = segments[s];
            (nint k, nint v) = segment.IsCached
                ? ((nint)_pass.CachedEntries[segment.CacheEntry].Keys(layer), (nint)_pass.CachedEntries[segment.CacheEntry].Values(layer))
                : ((nint)(keys + ((nint)segment.FirstRow * width)), (nint)(values + ((nint)segment.FirstRow * width)));
            _ranges[s] = new KeyRange(k, v, segment.Length, segment.Position, segment.FirstRow, segment.EndRow, segment.IsCached ? 0 : segment.Length, segment.Parent);
        }
    }

    private void FinalNorm(float* last) =>
        ForRows(_lastRows.Length, i =>
        {
            fixed (float* norm = _state.Weights.FinalNorm)
            {
                float* x = last + ((nint)i * _config.HiddenSize);
                RmsNorm.Apply(x, norm, x, _config.HiddenSize, _config.RmsNormEpsilon);
            }
        });

    private void StoreStates(int index, float* last) => _stage.Store(index, new ReadOnlySpan<float>(last, _lastRows.Length * _config.HiddenSize));

    /// <summary>Copies one layer's keys and values of the prefixes that the cache is to keep; the layer's ranges say where they lie.</summary>
    private void StoreNewPrefixes(int layer, int width)
    {
        foreach (NewPrefix<PrefixKeysValues> prefix in _stage.NewPrefixes)
        {
            foreach ((int segment, int length) in prefix.Runs)
            {
                KeyRange range = _ranges[segment];
                long bytes = (long)length * width * sizeof(float);
                nint offset = (nint)range.Position * width;
                Buffer.MemoryCopy((float*)range.Keys, prefix.Entry.Keys(layer) + offset, bytes, bytes);
                Buffer.MemoryCopy((float*)range.Values, prefix.Entry.Values(layer) + offset, bytes, bytes);
            }
        }
    }

    private IEnumerable<(int First, int Count)> Steps(int rows) => _state.Limits.Steps(rows);

    private void ForRows(int rows, Action<int> body) =>
        _state.Pool.Run((rows + RowsPerItem - 1) / RowsPerItem, (item, _) =>
        {
            int end = Math.Min(rows, (item + 1) * RowsPerItem);
            for (int i = item * RowsPerItem; i < end; i++)
            {
                body(i);
            }
        });
}
