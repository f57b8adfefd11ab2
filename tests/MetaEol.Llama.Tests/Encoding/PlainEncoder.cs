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
        int length = prompt.Length;
        var x = new double[length][];
        for (int t = 0; t < length; t++)
        {
            x[t] = Row(weights.TokenEmbedding, prompt[t]);
        }

        var states = new List<double[]> { x[^1] };
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            x = Layer(layer, x);
            states.Add(x[^1]);
        }

        states[^1] = Norm(x[^1], weights.FinalNorm);
        return [.. states];
    }

    private double[][] Layer(int layer, double[][] x)
    {
        LayerWeights w = weights.Layers[layer];
        double[] frequencies = RotaryFrequencies.Compute(config, x.Length);
        double[][] normed = Array.ConvertAll(x, row => Norm(row, w.InputNorm));
        double[][] q = Array.ConvertAll(normed, row => Linear(row, w.Query, w.QueryBias));
        double[][] k = Array.ConvertAll(normed, row => Linear(row, w.Key, w.KeyBias));
        double[][] v = Array.ConvertAll(normed, row => Linear(row, w.Value, w.ValueBias));
        for (int t = 0; t < x.Length; t++)
        {
            Rotate(q[t], t, frequencies, w.QueryNorm);
            Rotate(k[t], t, frequencies, w.KeyNorm);
        }

        var result = new double[x.Length][];
        for (int t = 0; t < x.Length; t++)
        {
            double[] attended = Linear(Attend(layer, t, q, k, v), w.AttentionOutput, w.AttentionOutputBias);
            double[] middle = Add(x[t], attended);
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

    private double[] Attend(int layer, int t, double[][] q, double[][] k, double[][] v)
    {
        int d = config.HeadDimension;
        int first = config.SlidingWindows[layer] is { } window ? Math.Max(0, t - window + 1) : 0;
        var output = new double[config.AttentionHeads * d];
        for (int head = 0; head < config.AttentionHeads; head++)
        {
            int shared = head / (config.AttentionHeads / config.KeyValueHeads);
            var scores = new double[t + 1];
            for (int j = first; j <= t; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    scores[j] += q[t][(head * d) + i] * k[j][(shared * d) + i];
                }

                scores[j] /= Math.Sqrt(d);
            }

            double maximum = scores[first..].Max();
            double total = 0;
            for (int j = first; j <= t; j++)
            {
                total += scores[j] = Math.Exp(scores[j] - maximum);
            }

            for (int j = first; j <= t; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    output[(head * d) + i] += scores[j] / total * v[j][(shared * d) + i];
                }
            }
        }

        return output;
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
