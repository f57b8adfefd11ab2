using MetaEol.Llama;
using MetaEol.Llama.Weights;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>The output head in double precision, one row after another, for models whose logits are neither scaled nor capped.</summary>
internal static class PlainHead
{
    /// <summary>The logits after a state that has passed the final norm.</summary>
    public static double[] Logits(LlamaModel model, ReadOnlySpan<float> state)
    {
        using IDisposable lease = model.Weights.Lease();
        WeightMatrix head = model.Weights.OutputHead!.Value;
        double[] logits = new double[head.Rows];
        float[] row = new float[head.Columns];
        for (int token = 0; token < logits.Length; token++)
        {
            head.ReadRow(token, row);
            for (int column = 0; column < row.Length; column++)
            {
                logits[token] += (double)row[column] * state[column];
            }
        }

        return logits;
    }

    /// <summary>log softmax(logits)[token].</summary>
    public static double LogLikelihood(double[] logits, int token)
    {
        double highest = logits.Max();
        return logits[token] - highest - Math.Log(logits.Sum(logit => Math.Exp(logit - highest)));
    }

    /// <summary>log(1 + max(logit, 0)).</summary>
    public static double Weight(double logit) => Math.Log(1 + Math.Max(logit, 0));
}
