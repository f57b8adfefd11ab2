using System.Runtime.Intrinsics;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>Attention over the prefix tree, for every vector width, against a softmax over each row's own path in double precision.</summary>
public sealed unsafe class SegmentAttentionTests : IDisposable
{
    private readonly FloatBuffer _scratch = new();

    public static TheoryData<int, int, int, int, int, float, float> Cases()
    {
        var data = new TheoryData<int, int, int, int, int, float, float>();
        foreach (int width in (int[])[128, 256, 512])
        {
            data.Add(width, 4, 4, 16, int.MaxValue, 0.25f, 0);
            data.Add(width, 9, 3, 64, int.MaxValue, 0.125f, 0);
            data.Add(width, 6, 2, 10, 5, 0.3f, 0);
            data.Add(width, 70, 1, 8, int.MaxValue, 0.3535f, 0);
            data.Add(width, 2, 1, 128, 1, 0.09f, 0);

            // With a cap: below, among and far above the scores.
            data.Add(width, 9, 3, 16, int.MaxValue, 0.3f, 0.5f);
            data.Add(width, 6, 2, 10, 5, 0.7f, 3);
            data.Add(width, 70, 1, 8, int.MaxValue, 0.01f, 50);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Block_RandomTrees_EqualSoftmaxOverThePath(int width, int heads, int keyValueHeads, int dimension, int window, float scale, float cap)
    {
        var shape = new AttentionShape(heads, keyValueHeads, dimension, window, scale, cap);
        var random = new Random(width + heads);
        for (int round = 0; round < 6; round++)
        {
            ReadOnlyMemory<int>[] prompts = round == 0
                ? [new ReadOnlyMemory<int>([.. Enumerable.Range(0, 150)])]
                : RandomPrompts.Create(random, vocabulary: 2, maximumCount: 12, maximumLength: 40);
            AssertEqualsPlain(width, shape, EncodePlan.Create(prompts), random);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private void AssertEqualsPlain(int width, AttentionShape shape, EncodePlan plan, Random random)
    {
        int rows = plan.TokensComputed;
        float[] queries = Random(random, rows * shape.QueryWidth, 3);
        float[] keys = Random(random, rows * shape.KeyValueWidth, 3);
        float[] values = Random(random, rows * shape.KeyValueWidth, 1);
        int[] segmentOfRow = new int[rows];
        int[] positionOfRow = new int[rows];
        for (int s = 0; s < plan.Segments.Length; s++)
        {
            for (int i = 0; i < plan.Segments[s].Length; i++)
            {
                segmentOfRow[plan.Segments[s].FirstRow + i] = s;
                positionOfRow[plan.Segments[s].FirstRow + i] = plan.Segments[s].Position + i;
            }
        }

        // Every row, and then a few only, as in the last layer.
        foreach (int[] asking in (int[][])[[.. Enumerable.Range(0, rows)], [.. Enumerable.Range(0, rows).Where(_ => random.Next(4) == 0)]])
        {
            float[] output = new float[asking.Length * shape.QueryWidth];
            float[] asked = [.. asking.SelectMany(row => queries[(row * shape.QueryWidth)..((row + 1) * shape.QueryWidth)])];
            fixed (float* q = asked, k = keys, v = values, y = output)
            {
                Run(width, shape, plan, asking, segmentOfRow, positionOfRow, q, k, v, y);
            }

            for (int i = 0; i < asking.Length; i++)
            {
                double[] expected = Plain(shape, plan, asking[i], segmentOfRow, positionOfRow, queries, keys, values);
                Assert.InRange(RelativeError.Of(output.AsSpan(i * shape.QueryWidth, shape.QueryWidth), expected), 0, 3e-6);
            }
        }
    }

    private void Run(int width, AttentionShape shape, EncodePlan plan, int[] asking, int[] segmentOfRow, int[] positionOfRow, float* q, float* k, float* v, float* y)
    {
        var ranges = new KeyRange[plan.Segments.Length];
        for (int s = 0; s < ranges.Length; s++)
        {
            Segment segment = plan.Segments[s];
            nint offset = (nint)segment.FirstRow * shape.KeyValueWidth;
            ranges[s] = new KeyRange((nint)(k + offset), (nint)(v + offset), segment.Length, segment.Position, segment.FirstRow, segment.EndRow, segment.Length, segment.Parent);
        }

        // Blocks of an odd size, so that they begin and end anywhere in a segment.
        const int BlockRows = 11;
        for (int first = 0; first < asking.Length; first += BlockRows)
        {
            for (int head = 0; head < shape.KeyValueHeads; head++)
            {
                var job = new SegmentAttention.Job
                {
                    Shape = shape,
                    Ranges = ranges,
                    Rows = asking.AsSpan(first, Math.Min(BlockRows, asking.Length - first)),
                    RowSegments = segmentOfRow,
                    RowPositions = positionOfRow,
                    KeyValueHead = head,
                    Queries = q + (first * shape.QueryWidth),
                    QueryStride = shape.QueryWidth,
                    Output = y + (first * shape.QueryWidth),
                };
                switch (width)
                {
                    case 512:
                        SegmentAttention.Block<Simd512, Vector512<float>>(ref job, _scratch);
                        break;
                    case 256:
                        SegmentAttention.Block<Simd256, Vector256<float>>(ref job, _scratch);
                        break;
                    default:
                        SegmentAttention.Block<Simd128, Vector128<float>>(ref job, _scratch);
                        break;
                }
            }
        }
    }

    private static double[] Plain(AttentionShape shape, EncodePlan plan, int row, int[] segmentOfRow, int[] positionOfRow, float[] queries, float[] keys, float[] values)
    {
        var path = new List<int>();
        for (int s = segmentOfRow[row]; s >= 0; s = plan.Segments[s].Parent)
        {
            Segment segment = plan.Segments[s];
            path.AddRange(Enumerable.Range(segment.FirstRow, segment.Length).Where(r => r <= row && (long)positionOfRow[r] > (long)positionOfRow[row] - shape.Window));
        }

        int d = shape.HeadDimension;
        var output = new double[shape.QueryWidth];
        for (int head = 0; head < shape.Heads; head++)
        {
            int keyValueHead = head / shape.Group;
            double[] scores = [.. path.Select(r => Enumerable.Range(0, d).Sum(i =>
                (double)queries[(row * shape.QueryWidth) + (head * d) + i] * keys[(r * shape.KeyValueWidth) + (keyValueHead * d) + i]) * shape.ScoreScale)];
            scores = shape.SoftCap == 0 ? scores : Array.ConvertAll(scores, score => shape.SoftCap * Math.Tanh(score / shape.SoftCap));
            double maximum = scores.Max();
            double total = scores.Sum(score => Math.Exp(score - maximum));
            for (int j = 0; j < scores.Length; j++)
            {
                for (int i = 0; i < d; i++)
                {
                    output[(head * d) + i] += Math.Exp(scores[j] - maximum) / total * values[(path[j] * shape.KeyValueWidth) + (keyValueHead * d) + i];
                }
            }
        }

        return output;
    }

    private static float[] Random(Random random, int length, float scale) => [.. Enumerable.Range(0, length).Select(_ => scale * ((2 * random.NextSingle()) - 1))];
}
