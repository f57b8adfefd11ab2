using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using MetaEol.Llama;
using MetaEol.Llama.Weights;

namespace MetaEol.Extensions.Explaining;

/// <summary>The most probable next tokens of each template's view.</summary>
internal static class NextWords
{
    // Rows of the output head that one thread takes at a time.
    private const int RowsPerStep = 256;

    public static IReadOnlyList<TemplateExplanation> Explain(LlamaModel model, ITokenizer tokenizer, TemplateEmbeddings views, int top, CancellationToken cancellationToken)
    {
        using IDisposable lease = model.Weights.Lease();
        WeightMatrix head = model.Weights.OutputHead
            ?? throw new NotSupportedException($"'{model.Folder}' holds no lm_head.weight and does not tie it to the embeddings, so the next word cannot be told.");
        int templates = views.TemplateSet.Templates.Count;
        float[][] states = [.. Enumerable.Range(0, templates).Select(template => views[0, template].ToArray())];
        if (views.Layers[0] < model.Config.LayerCount)
        {
            foreach (float[] state in states)
            {
                RmsNorm(state, model.Weights.FinalNorm, model.Config.RmsNormEpsilon);
            }
        }

        float[][] logits = Multiply(head, states, cancellationToken);
        int known = Math.Min(head.Rows, tokenizer.VocabularySize);
        return [.. views.TemplateSet.Templates.Select((template, i) => new TemplateExplanation(template, Top(logits[i], known, top, tokenizer)))];
    }

    private static void RmsNorm(float[] state, float[] weight, double epsilon)
    {
        double squares = 0;
        foreach (float value in state)
        {
            squares += (double)value * value;
        }

        double scale = 1 / Math.Sqrt((squares / state.Length) + epsilon);
        for (int i = 0; i < state.Length; i++)
        {
            state[i] = (float)(state[i] * scale) * weight[i];
        }
    }

    private static float[][] Multiply(WeightMatrix head, float[][] states, CancellationToken cancellationToken)
    {
        float[][] logits = [.. states.Select(_ => new float[head.Rows])];
        int steps = (head.Rows + RowsPerStep - 1) / RowsPerStep;
        Parallel.For(0, steps, new ParallelOptions { CancellationToken = cancellationToken }, step =>
        {
            float[] row = new float[head.Columns];
            int end = Math.Min((step + 1) * RowsPerStep, head.Rows);
            for (int r = step * RowsPerStep; r < end; r++)
            {
                Widen(head, r, row);
                for (int s = 0; s < states.Length; s++)
                {
                    logits[s][r] = Dot(row, states[s]);
                }
            }
        });
        return logits;
    }

    private static unsafe void Widen(WeightMatrix matrix, int row, Span<float> destination)
    {
        var bytes = new ReadOnlySpan<byte>(matrix.Data + ((long)row * matrix.Columns * matrix.ElementSize), matrix.Columns * matrix.ElementSize);
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = matrix.Type switch
            {
                WeightType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                WeightType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
            };
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> x = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> y = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            sums += x[i] * y[i];
        }

        float sum = Vector.Sum(sums);
        for (int i = x.Length * Vector<float>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static TokenProbability[] Top(float[] logits, int known, int top, ITokenizer tokenizer)
    {
        float highest = logits.Max();
        double total = logits.Sum(logit => Math.Exp(logit - highest));
        var best = new PriorityQueue<int, float>();
        for (int id = 0; id < known; id++)
        {
            if (best.Count < top)
            {
                best.Enqueue(id, logits[id]);
            }
            else
            {
                best.EnqueueDequeue(id, logits[id]);
            }
        }

        var tokens = new TokenProbability[best.Count];
        for (int i = tokens.Length - 1; i >= 0; i--)
        {
            int id = best.Dequeue();
            tokens[i] = new TokenProbability(tokenizer.Decode([id]), id, (float)(Math.Exp(logits[id] - highest) / total));
        }

        return tokens;
    }
}
