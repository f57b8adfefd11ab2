using System.Collections.Concurrent;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Encoding;

/// <summary>The decoder as the papers write it, in double precision, one prompt at a time and nothing shared: what the encoder is held against.</summary>
internal sealed class PlainEncoder(LlamaConfig config, LlamaWeights weights)
{
    private readonly ConcurrentDictionary<nint, double[][]> _widened = new();

    /// <summary>All <c>hidden_states</c> of the prompt's last token: <c>[layers + 1][hidden]</c>.</summary>
    public double[][] Encode(ReadOnlySpan<int> prompt)
    {
        double[][] x = [.. prompt.ToArray().Select(Embed)];
        var states = new List<double[]> { x[^1] };
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            int current = layer;
            x = Layer(layer, x, normed => Attention(current, normed));
            states.Add(x[^1]);
        }

        states[^1] = FinalNorm(x[^1]);
        return [.. states];
    }

    public double[] Embed(int token) => Row(weights.TokenEmbedding, token);

    public double[] FinalNorm(double[] x) => Norm(x, weights.FinalNorm);

    /// <summary>One layer of some rows: <paramref name="attention"/> gives the attention blocks' outputs for the normed rows.</summary>
    public double[][] Layer(int layer, double[][] x, Func<double[][], double[][]> attention)
    {
        LayerWeights w = weights.Layers[layer];
        double[][] attended = attention(Array.ConvertAll(x, row => Norm(row, w.InputNorm)));
        var result = new double[x.Length][];
        for (int t = 0; t < x.Length; t++)
        {
            double[] middle = Add(x[t], attended[t]);
            double[] n = Norm(middle, w.PostAttentionNorm);
            double[] gate = Linear(n, w.Gate, w.GateBias);
            double[] up = Linear(n, w.Up, w.UpBias);
            for (int i = 0; i < gate.Length; i++)
            {
                gate[i] = gate[i] / (1 + Math.Exp(-gate[i])) * up[i];
            }

            result[t] = Add(middle, Linear(gate, w.Down, w.DownBias));
        }

        return result;
    }

    /// <summary>A token's query, key and value heads, turned to its position.</summary>
    public (double[] Query, double[] Key, double[] Value) Heads(int layer, double[] x, int position, int rotaryKey)
    {
        LayerWeights w = weights.Layers[layer];
        double[] q = Linear(x, w.Query, w.QueryBias);
        double[] k = Linear(x, w.Key, w.KeyBias);
        double[] frequencies = RotaryFrequencies.Compute(config, rotaryKey);
        Rotate(q, position, frequencies, w.QueryNorm);
        Rotate(k, position, frequencies, w.KeyNorm);
        return (q, k, Linear(x, w.Value, w.ValueBias));
    }

    /// <summary>The attention block's output for the last token of a path, over all of the path that its window reaches.</summary>
    public double[] Attend(int layer, double[] query, ReadOnlySpan<(double[] Key, double[] Value)> path)
    {
        int d = config.HeadDimension;
        int first = config.SlidingWindows[layer] is { } window ? Math.Max(0, path.Length - window) : 0;
        var output = new double[config.AttentionHeads * d];
        for (int head = 0; head < config.AttentionHeads; head++)
        {
            int shared = head / (config.AttentionHeads / config.KeyValueHeads);
            var scores = new double[path.Length];
            for (int j = first; j < path.Length; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    scores[j] += query[(head * d) + i] * path[j].Key[(shared * d) + i];
                }

                scores[j] /= Math.Sqrt(d);
            }

            double maximum = scores[first..].Max();
            double total = 0;
            for (int j = first; j < path.Length; j++)
            {
                total += scores[j] = Math.Exp(scores[j] - maximum);
            }

            for (int j = first; j < path.Length; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    output[(head * d) + i] += scores[j] / total * path[j].Value[(shared * d) + i];
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

    private void Rotate(double[] heads, int position, double[] frequencies, float[]? norm)
    {
        int d = config.HeadDimension;
        double amplitude = config.RopeScaling?.AttentionFactor ?? 1;
        for (int start = 0; start < heads.Length; start += d)
        {
            if (norm is not null)
            {
                Norm(heads[start..(start + d)], norm).CopyTo(heads, start);
            }

            for (int i = 0; i < d / 2; i++)
            {
                (double sine, double cosine) = Math.SinCos(position * frequencies[i]);
                (double a, double b) = (heads[start + i], heads[start + i + (d / 2)]);
                heads[start + i] = ((a * cosine) - (b * sine)) * amplitude;
                heads[start + i + (d / 2)] = ((b * cosine) + (a * sine)) * amplitude;
            }
        }
    }

    private double[] Norm(double[] x, float[] weight)
    {
        double scale = 1 / Math.Sqrt(x.Average(v => v * v) + config.RmsNormEpsilon);
        return [.. x.Select((v, i) => v * scale * weight[i])];
    }

    private static double[] Add(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];

    private unsafe double[] Linear(double[] x, WeightMatrix matrix, float[]? bias)
    {
        double[][] rows = _widened.GetOrAdd((nint)matrix.Data, _ => [.. Enumerable.Range(0, matrix.Rows).Select(row => Row(matrix, row))]);
        var y = new double[matrix.Rows];
        for (int row = 0; row < y.Length; row++)
        {
            double[] w = rows[row];
            double sum = bias?[row] ?? 0;
            for (int i = 0; i < x.Length; i++)
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
