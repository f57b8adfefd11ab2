using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama;

/// <summary>A model's output head: what the model would say next after a hidden state, as logits over its vocabulary.</summary>
/// <remarks>
/// <para>The product runs in the encoder's float32 kernels over the mapped head, or the unscaled token embedding where the two are tied. States of a layer before the last pass
/// the final norm first ("logit lens"); logits are scaled and capped as the configuration says.</para>
/// <para>Work goes in blocks of states and of the vocabulary: besides what it returns, a call needs some 16 MB, however many states it is given. A state's logits do not depend on
/// the other states or the number of threads. Safe to call from several threads at once; they take turns with the kernels' threads.</para>
/// </remarks>
public sealed unsafe class OutputHead : IDisposable
{
    private const int BlockStates = 512;

    // A whole number of panels of every vector width.
    private const int BlockTokens = 96 * 48;

    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;
    private readonly WeightMatrix _head;
    private readonly LinearFactory _products = new(Precision.Float32);
    private readonly Linear[] _blocks;
    private readonly WorkerPool _pool;

    /// <summary>Creates the head over a model's weights; it does not dispose them, and keeps them mapped while a call runs.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="threads">Number of threads that compute, 1 to <see cref="CpuEncoderOptions.MaximumThreads"/>; null takes the number of processors available to the process.</param>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> or <paramref name="weights"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is outside its range.</exception>
    /// <exception cref="NotSupportedException">The weights hold no output head.</exception>
    public OutputHead(LlamaConfig config, LlamaWeights weights, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        _config = config;
        _weights = weights;
        _head = weights.OutputHead
            ?? throw new NotSupportedException($"'{Path.GetDirectoryName(weights.Files[0].Path)}' holds no lm_head.weight and does not tie it to the embeddings, so the next word cannot be told.");
        _blocks = new Linear[(_head.Rows + BlockTokens - 1) / BlockTokens];
        for (int i = 0; i < _blocks.Length; i++)
        {
            int first = i * BlockTokens;
            _blocks[i] = _products.Create([_head.Slice(first, Math.Min(BlockTokens, _head.Rows - first))], [null]);
        }

        _pool = new WorkerPool(threads ?? Math.Min(Environment.ProcessorCount, CpuEncoderOptions.MaximumThreads));
    }

    private delegate void RowHandler(int state, int firstToken, ReadOnlySpan<float> logits);

    private delegate void GroupHandler(int group, int firstToken, Span<float> logits);

    /// <summary>Number of token ids, and of logits for each state.</summary>
    public int VocabularySize => _head.Rows;

    /// <summary>Computes all logits.</summary>
    /// <param name="states">Hidden states <c>[states × hidden]</c>.</param>
    /// <param name="layer">The index into <c>hidden_states</c> that they are from: below the last, they pass the final norm first.</param>
    /// <param name="logits">Receives <c>[states × vocabulary]</c>.</param>
    /// <param name="cancellationToken">Ends the call between two blocks.</param>
    /// <exception cref="ArgumentException">A length does not fit, or there is no such layer.</exception>
    /// <exception cref="InvalidModelException">A logit is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The head or the model is disposed.</exception>
    public void ComputeLogits(ReadOnlySpan<float> states, int layer, Span<float> logits, CancellationToken cancellationToken = default)
    {
        int count = CheckStates(states.Length, layer);
        CheckLength(logits.Length, count, VocabularySize, nameof(logits));
        fixed (float* target = logits)
        {
            nint start = (nint)target;
            ForEachBlock(_blocks, states, layer, (state, firstToken, row) => row.CopyTo(new Span<float>((float*)start + ((nint)state * VocabularySize) + firstToken, row.Length)), cancellationToken);
        }
    }

    /// <summary>Computes the logits of some tokens only, at the price of as many rows of the head.</summary>
    /// <param name="states">Hidden states <c>[states × hidden]</c>.</param>
    /// <param name="layer">The index into <c>hidden_states</c> that they are from: below the last, they pass the final norm first.</param>
    /// <param name="tokens">Token ids.</param>
    /// <param name="logits">Receives <c>[states × tokens]</c>.</param>
    /// <param name="cancellationToken">Ends the call between two blocks.</param>
    /// <exception cref="ArgumentException">A length does not fit, a token is none of the vocabulary, or there is no such layer.</exception>
    /// <exception cref="InvalidModelException">A logit is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The head or the model is disposed.</exception>
    public void ComputeLogits(ReadOnlySpan<float> states, int layer, ReadOnlySpan<int> tokens, Span<float> logits, CancellationToken cancellationToken = default)
    {
        int count = CheckStates(states.Length, layer);
        CheckLength(logits.Length, count, tokens.Length, nameof(logits));
        CheckTokens(tokens);
        if (tokens.IsEmpty)
        {
            return;
        }

        using IDisposable lease = _weights.Lease();
        int rowBytes = _head.Columns * _head.ElementSize;
        using var rows = new NativeBuffer((nuint)tokens.Length * (nuint)rowBytes);
        for (int i = 0; i < tokens.Length; i++)
        {
            _head.GetRowBytes(tokens[i], 1).CopyTo(new Span<byte>(rows.Data + ((nint)i * rowBytes), rowBytes));
        }

        using Linear product = _products.Create([new WeightMatrix(rows.Data, _head.Type, tokens.Length, _head.Columns)], [null]);
        int width = tokens.Length;
        fixed (float* target = logits)
        {
            nint start = (nint)target;
            ForEachBlock([product], states, layer, (state, first, row) => row.CopyTo(new Span<float>((float*)start + ((nint)state * width) + first, row.Length)), cancellationToken);
        }
    }

    /// <summary>Finds the most probable next tokens after each state.</summary>
    /// <param name="states">Hidden states <c>[states × hidden]</c>.</param>
    /// <param name="layer">The index into <c>hidden_states</c> that they are from: below the last, they pass the final norm first.</param>
    /// <param name="count">Number of tokens for each state, at least 1; more than the vocabulary has count as all.</param>
    /// <param name="knownTokens">Ids from here on are not among the results, although they count in the sum of probabilities: models have rows for ids that no tokenizer gives. Null takes all.</param>
    /// <param name="cancellationToken">Ends the call between two blocks.</param>
    /// <returns>One result per state, in order.</returns>
    /// <exception cref="ArgumentException">A length does not fit, or a number is out of its range.</exception>
    /// <exception cref="InvalidModelException">A logit is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The head or the model is disposed.</exception>
    public IReadOnlyList<NextTokens> FindTop(ReadOnlySpan<float> states, int layer, int count, int? knownTokens = null, CancellationToken cancellationToken = default)
    {
        int stateCount = CheckStates(states.Length, layer);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int known = Math.Min(knownTokens ?? VocabularySize, VocabularySize);
        var tops = new TopTokens[stateCount];
        var sums = new LogSum[stateCount];
        for (int i = 0; i < stateCount; i++)
        {
            tops[i] = new TopTokens(Math.Min(count, Math.Max(known, 0)));
        }

        ForEachBlock(
            _blocks,
            states,
            layer,
            (state, firstToken, row) =>
            {
                sums[state].Add(row);
                tops[state].Add(firstToken, row[..Math.Clamp(known - firstToken, 0, row.Length)]);
            },
            cancellationToken);
        return [.. tops.Select((top, i) => top.ToResult(sums[i].Value))];
    }

    /// <summary>
    /// Finds the largest terms of groups of states: of the weights log(1 + max(logit, 0)) of every token, averaged over the states of a group. With groups of one this is the sparse vector that PromptReps
    /// (arXiv 2404.18424) makes of the next-word distribution.
    /// </summary>
    /// <param name="states">Hidden states <c>[groups × states of a group × hidden]</c>.</param>
    /// <param name="layer">The index into <c>hidden_states</c> that they are from: below the last, they pass the final norm first.</param>
    /// <param name="shares">The share of each state of a group in the mean, finite and none negative; they should sum to 1. At least one.</param>
    /// <param name="count">Most terms for each group, at least 1; more than the vocabulary has count as all.</param>
    /// <param name="knownTokens">Ids from here on are not among the results. Null takes all.</param>
    /// <param name="cancellationToken">Ends the call between two blocks.</param>
    /// <returns>For each group its terms, the heaviest first, of equal ones the smaller id first; weights of 0 are left out.</returns>
    /// <exception cref="ArgumentException">A length does not fit, or a number is out of its range.</exception>
    /// <exception cref="InvalidModelException">A logit is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The head or the model is disposed.</exception>
    public IReadOnlyList<IReadOnlyList<TokenWeight>> FindTopTerms(
        ReadOnlySpan<float> states, int layer, ReadOnlySpan<float> shares, int count, int? knownTokens = null, CancellationToken cancellationToken = default)
    {
        int stateCount = CheckStates(states.Length, layer);
        CheckShares(shares, stateCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int known = Math.Clamp(knownTokens ?? VocabularySize, 0, VocabularySize);
        float[] share = shares.ToArray();
        var tops = new TopTokens[stateCount / share.Length];
        for (int i = 0; i < tops.Length; i++)
        {
            tops[i] = new TopTokens(Math.Min(count, known));
        }

        ForEachBlock(
            _blocks,
            states,
            layer,
            share.Length,
            (group, firstToken, logits) =>
            {
                int width = Math.Clamp(known - firstToken, 0, logits.Length / share.Length);
                Span<float> mean = logits[..width];
                TermWeights.Average(logits, share, mean);
                tops[group].Add(firstToken, mean);
            },
            cancellationToken);
        return [.. tops.Select(top => top.ToWeights())];
    }

    /// <summary>Computes the weights of some terms only, as <see cref="FindTopTerms"/> defines them, at the price of as many rows of the head.</summary>
    /// <param name="states">Hidden states of one group <c>[states × hidden]</c>.</param>
    /// <param name="layer">The index into <c>hidden_states</c> that they are from: below the last, they pass the final norm first.</param>
    /// <param name="shares">The share of each state in the mean, finite and none negative.</param>
    /// <param name="tokens">Token ids.</param>
    /// <param name="weights">Receives the weight of each token, 0 or more.</param>
    /// <param name="cancellationToken">Ends the call between two blocks.</param>
    /// <exception cref="ArgumentException">A length does not fit, a token is none of the vocabulary, or there is no such layer.</exception>
    /// <exception cref="InvalidModelException">A logit is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The head or the model is disposed.</exception>
    public void ComputeTerms(
        ReadOnlySpan<float> states, int layer, ReadOnlySpan<float> shares, ReadOnlySpan<int> tokens, Span<float> weights, CancellationToken cancellationToken = default)
    {
        CheckShares(shares, CheckStates(states.Length, layer), groups: 1);
        CheckLength(weights.Length, tokens.Length, 1, nameof(weights));
        float[] logits = new float[shares.Length * tokens.Length];
        ComputeLogits(states, layer, tokens, logits, cancellationToken);
        TermWeights.Average(logits, shares, weights);
    }

    /// <summary>Computes how probable a given next token is after each state: log softmax(logits)[token].</summary>
    /// <param name="states">Hidden states <c>[states × hidden]</c>.</param>
    /// <param name="layer">The index into <c>hidden_states</c> that they are from: below the last, they pass the final norm first.</param>
    /// <param name="tokens">For each state, the id of the token that follows it.</param>
    /// <param name="logLikelihoods">Receives the natural logarithm of each token's probability.</param>
    /// <param name="cancellationToken">Ends the call between two blocks.</param>
    /// <exception cref="ArgumentException">A length does not fit, a token is none of the vocabulary, or there is no such layer.</exception>
    /// <exception cref="InvalidModelException">A logit is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The head or the model is disposed.</exception>
    public void ComputeLogLikelihoods(ReadOnlySpan<float> states, int layer, ReadOnlySpan<int> tokens, Span<double> logLikelihoods, CancellationToken cancellationToken = default)
    {
        int count = CheckStates(states.Length, layer);
        CheckLength(tokens.Length, count, 1, nameof(tokens));
        CheckLength(logLikelihoods.Length, count, 1, nameof(logLikelihoods));
        CheckTokens(tokens);
        int[] wanted = tokens.ToArray();
        var logits = new float[count];
        var sums = new LogSum[count];
        ForEachBlock(
            _blocks,
            states,
            layer,
            (state, firstToken, row) =>
            {
                sums[state].Add(row);
                int index = wanted[state] - firstToken;
                if ((uint)index < (uint)row.Length)
                {
                    logits[state] = row[index];
                }
            },
            cancellationToken);
        for (int i = 0; i < count; i++)
        {
            logLikelihoods[i] = logits[i] - sums[i].Value;
        }
    }

    /// <summary>Frees threads and buffers; calls that come later throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _pool.Dispose();
        foreach (Linear block in _blocks)
        {
            block.Dispose();
        }
    }

    /// <summary>Calls back with the finished logits of each state, block by block of the vocabulary in order; different states on different threads.</summary>
    private void ForEachBlock(Linear[] blocks, ReadOnlySpan<float> states, int layer, RowHandler onRow, CancellationToken cancellationToken) =>
        ForEachBlock(blocks, states, layer, groupStates: 1, (state, firstToken, logits) => onRow(state, firstToken, logits), cancellationToken);

    /// <summary>The same with the logits of whole groups of states, <c>[states of a group × tokens of the block]</c>, which the callback may overwrite.</summary>
    private void ForEachBlock(Linear[] blocks, ReadOnlySpan<float> states, int layer, int groupStates, GroupHandler onGroup, CancellationToken cancellationToken)
    {
        int size = _config.HiddenSize;
        int count = states.Length / size;
        using IDisposable lease = _weights.Lease();
        int chunk = Math.Min(count, Math.Max(BlockStates / groupStates, 1) * groupStates);
        using var inputs = new NativeBuffer((nuint)Math.Max(1, chunk) * (nuint)size * sizeof(float));
        using var outputs = new NativeBuffer((nuint)Math.Max(1, chunk) * (nuint)blocks.Max(block => block.Outputs) * sizeof(float));
        float* x = (float*)inputs.Data;
        float* y = (float*)outputs.Data;
        for (int first = 0; first < count; first += chunk)
        {
            int rows = Math.Min(chunk, count - first);
            states.Slice(first * size, rows * size).CopyTo(new Span<float>(x, rows * size));
            if (layer < _config.LayerCount)
            {
                _pool.Run(rows, (row, _) => Normalize(x + ((nint)row * size)));
            }

            int firstGroup = first / groupStates, firstToken = 0;
            foreach (Linear block in blocks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                block.Multiply(_pool, x, size, rows, y, block.Outputs, accumulate: false);
                int firstOfBlock = firstToken;
                _pool.Run(rows / groupStates, (group, _) =>
                {
                    var logits = new Span<float>(y + ((nint)group * groupStates * block.Outputs), groupStates * block.Outputs);
                    Finish(logits);
                    onGroup(firstGroup + group, firstOfBlock, logits);
                });
                firstToken += block.Outputs;
            }
        }
    }

    private void Normalize(float* state)
    {
        fixed (float* weight = _weights.FinalNorm)
        {
            RmsNorm.Apply(state, weight, state, _config.HiddenSize, _config.RmsNormEpsilon);
        }
    }

    private void Finish(Span<float> logits)
    {
        if (_config.LogitsScale != 1)
        {
            foreach (ref float logit in logits)
            {
                logit /= (float)_config.LogitsScale;
            }
        }

        if (_config.FinalLogitSoftCap is { } cap)
        {
            foreach (ref float logit in logits)
            {
                logit = (float)cap * MathF.Tanh(logit / (float)cap);
            }
        }

        foreach (float logit in logits)
        {
            if (!float.IsFinite(logit))
            {
                throw new InvalidModelException($"The model gives {WeightScan.Describe(logit)} as a logit: its output head or the hidden states exceed the range of float32.");
            }
        }
    }

    private int CheckStates(int length, int layer)
    {
        if (layer < 0 || layer > _config.LayerCount)
        {
            throw new ArgumentException($"Layer {layer} is not an index into this model's hidden_states; 0 .. {_config.LayerCount} are.", nameof(layer));
        }

        return length % _config.HiddenSize == 0
            ? length / _config.HiddenSize
            : throw new ArgumentException($"states has {length} numbers, which are no whole states of {_config.HiddenSize}.", "states");
    }

    private static void CheckLength(int length, int count, int width, string name)
    {
        if (length != (long)count * width)
        {
            throw new ArgumentException($"{name} has {length} elements; {count} states × {width} = {(long)count * width} are needed.", name);
        }
    }

    private static void CheckShares(ReadOnlySpan<float> shares, int states, int? groups = null)
    {
        if (shares.IsEmpty || states % shares.Length != 0 || (groups is int wanted && states != wanted * shares.Length))
        {
            throw new ArgumentException($"{states} states are no whole groups of {shares.Length}: shares has one number for each state of a group.", nameof(shares));
        }

        foreach (float share in shares)
        {
            if (!float.IsFinite(share) || share < 0)
            {
                throw new ArgumentException($"{share} is no share of a state in a mean: it must be finite and not negative.", nameof(shares));
            }
        }
    }

    private void CheckTokens(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)VocabularySize)
            {
                throw new ArgumentException($"Token id {token} is none of this model's vocabulary, which has ids 0 .. {VocabularySize - 1}.", nameof(tokens));
            }
        }
    }
}
