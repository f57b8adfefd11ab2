using System.Collections.Concurrent;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Encoders;

/// <summary>
/// The decoder as the papers write it, in double precision, one prompt at a time and nothing shared: what the encoders are held against, and the page to read
/// first. Every part that sets a family apart is a line of it; the configuration says which parts a model has.
/// </summary>
internal sealed class PlainEncoder(LlamaConfig config, LlamaWeights weights)
{
    private readonly ConcurrentDictionary<nint, double[][]> _widened = new();

    /// <summary>All <c>hidden_states</c> of the prompt's last token: <c>[layers + 1][hidden]</c>.</summary>
    public double[][] Encode(ReadOnlySpan<int> prompt)
    {
        // The residual stream: one row of hidden numbers for each token, to which every block adds.
        double[][] x = [.. prompt.ToArray().Select(Embed)];
        var states = new List<double[]> { x[^1] };
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            x = Layer(layer, x, normed => Attention(layer, normed));
            states.Add(x[^1]);
        }

        states[^1] = FinalNorm(x[^1]);
        return [.. states];
    }

    /// <summary>The row of a token that enters the first layer.</summary>
    public double[] Embed(int token) => Scale(Row(weights.TokenEmbedding, token), config.EmbeddingScale);

    /// <summary>The norm behind the last layer.</summary>
    public double[] FinalNorm(double[] x) => Norm(x, weights.FinalNorm);

    /// <summary>The next token's logits after a state of the last index of <c>hidden_states</c>: <c>[vocabulary]</c>.</summary>
    public double[] Logits(double[] state) =>
        Array.ConvertAll(Linear(state, weights.OutputHead!.Value, null), logit => Cap(logit / config.LogitsScale, config.FinalLogitSoftCap));

    /// <summary>One layer of some rows: <paramref name="attention"/> gives the attention block's outputs for the normed rows.</summary>
    public double[][] Layer(int layer, double[][] x, Func<double[][], double[][]> attention)
    {
        LayerWeights w = weights.Layers[layer];
        x = AddBlock(x, attention(Array.ConvertAll(x, row => Norm(row, w.BeforeAttentionNorm))), w.AfterAttentionNorm);
        return AddBlock(x, Array.ConvertAll(x, row => Mlp(w, Norm(row, w.BeforeMlpNorm))), w.AfterMlpNorm);
    }

    /// <summary>A token's query, key and value heads, the first two turned to its position.</summary>
    public (double[] Query, double[] Key, double[] Value) Heads(int layer, double[] x, int position, int rotaryKey)
    {
        LayerWeights w = weights.Layers[layer];
        double[] query = NormHeads(Linear(x, w.Query, w.QueryBias), w.QueryNorm);
        double[] key = NormHeads(Linear(x, w.Key, w.KeyBias), w.KeyNorm);
        if (config.Rotary[layer] is { } rotary)
        {
            double[] frequencies = RotaryFrequencies.Compute(rotary, rotaryKey);
            Rotate(query, position, frequencies, rotary.Amplitude);
            Rotate(key, position, frequencies, rotary.Amplitude);
        }

        return (query, key, Linear(x, w.Value, w.ValueBias));
    }

    /// <summary>The attention block's output for the last token of a path: for each head the mean of the path's values, weighted by softmax(scores).</summary>
    public double[] Attend(int layer, double[] query, ReadOnlySpan<(double[] Key, double[] Value)> path)
    {
        // The token sees itself and the tokens before it, as far as the layer's window reaches.
        path = path[^Math.Min(path.Length, config.SlidingWindows[layer] ?? int.MaxValue)..];
        int d = config.HeadDimension;
        var output = new double[config.AttentionHeads * d];
        for (int head = 0; head < config.AttentionHeads; head++)
        {
            // Several query heads share a key/value head.
            int shared = head / (config.AttentionHeads / config.KeyValueHeads);
            var scores = new double[path.Length];
            for (int j = 0; j < path.Length; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    scores[j] += query[(head * d) + i] * path[j].Key[(shared * d) + i];
                }

                scores[j] = Cap(scores[j] * config.ScoreScale, config.AttentionSoftCap);
            }

            double maximum = scores.Max();
            double[] shares = Array.ConvertAll(scores, score => Math.Exp(score - maximum));
            double total = shares.Sum();
            for (int j = 0; j < path.Length; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    output[(head * d) + i] += shares[j] / total * path[j].Value[(shared * d) + i];
                }
            }
        }

        return Linear(output, weights.Layers[layer].AttentionOutput, weights.Layers[layer].AttentionOutputBias);
    }

    /// <summary>The attention block of one prompt's rows.</summary>
    private double[][] Attention(int layer, double[][] x)
    {
        int rotaryKey = RotaryFrequencies.LengthKey(config, x.Length);
        (double[] Query, double[] Key, double[] Value)[] heads = [.. x.Select((row, t) => Heads(layer, row, t, rotaryKey))];
        (double[] Key, double[] Value)[] path = Array.ConvertAll(heads, token => (token.Key, token.Value));
        return [.. heads.Select((token, t) => Attend(layer, token.Query, path.AsSpan(0, t + 1)))];
    }

    private double[] Mlp(LayerWeights w, double[] x)
    {
        double[] gate = Linear(x, w.Gate, w.GateBias);
        double[] up = Linear(x, w.Up, w.UpBias);
        return Linear([.. gate.Zip(up, (g, u) => Activate(g) * u)], w.Down, w.DownBias);
    }

    private double Activate(double x) => config.Activation == Activation.GeluTanh
        ? 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))
        : x / (1 + Math.Exp(-x));

    /// <summary>x + scale · norm(block), norm and scale where the model has them.</summary>
    private double[][] AddBlock(double[][] x, double[][] block, float[]? norm) =>
        [.. x.Zip(block, (row, output) => Add(row, Scale(Norm(output, norm), config.ResidualScale)))];

    /// <summary>Dimension i of each head turns with dimension i + pairs, by position · frequency i; those behind the pairs stay.</summary>
    private void Rotate(double[] heads, int position, double[] frequencies, double amplitude)
    {
        int pairs = frequencies.Length;
        for (int head = 0; head < heads.Length; head += config.HeadDimension)
        {
            for (int i = 0; i < pairs; i++)
            {
                (double sine, double cosine) = Math.SinCos(position * frequencies[i]);
                (double a, double b) = (heads[head + i], heads[head + i + pairs]);
                heads[head + i] = ((a * cosine) - (b * sine)) * amplitude;
                heads[head + i + pairs] = ((b * cosine) + (a * sine)) * amplitude;
            }
        }
    }

    /// <summary>Each head by itself, or all heads as one vector.</summary>
    private double[] NormHeads(double[] heads, float[]? weight) => config.QueryKeyNorm == QueryKeyNorm.PerHead
        ? [.. heads.Chunk(config.HeadDimension).SelectMany(head => Norm(head, weight))]
        : Norm(heads, weight);

    /// <summary>x / √(mean(x²) + ε) · weight; x itself where the model has no such norm. Where a family adds 1 to the weight, loading has done so.</summary>
    private double[] Norm(double[] x, float[]? weight)
    {
        double scale = 1 / Math.Sqrt(x.Average(value => value * value) + config.RmsNormEpsilon);
        return weight is null ? x : [.. x.Select((value, i) => value * scale * weight[i])];
    }

    private static double Cap(double value, double? cap) => cap is { } c ? c * Math.Tanh(value / c) : value;

    private static double[] Scale(double[] x, double scale) => Array.ConvertAll(x, value => value * scale);

    private static double[] Add(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];

    /// <summary>W · x + bias.</summary>
    private unsafe double[] Linear(double[] x, WeightMatrix matrix, float[]? bias)
    {
        double[][] rows = _widened.GetOrAdd((nint)matrix.Data, _ => [.. Enumerable.Range(0, matrix.Rows).Select(row => Row(matrix, row))]);
        var y = new double[matrix.Rows];
        for (int row = 0; row < y.Length; row++)
        {
            double sum = bias?[row] ?? 0;
            double[] w = rows[row];
            for (int i = 0; i < w.Length; i++)
            {
                sum += w[i] * x[i];
            }

            y[row] = sum;
        }

        return y;
    }

    private static double[] Row(WeightMatrix matrix, int row)
    {
        var widened = new float[matrix.Columns];
        matrix.ReadRow(row, widened);
        return Array.ConvertAll(widened, value => (double)value);
    }
}
