using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Kernels;

/// <summary>
/// Causal attention over a prefix tree: a row sees the tokens of its own segment up to itself and all tokens of the segments above. A block of rows is
/// held against one segment's keys at a time, so that a prefix shared by many branches is one matrix product for all of them, and the softmax is kept
/// online (Milakov and Gimelshein, 2018; Dao et al., 2022).
/// </summary>
internal static unsafe class SegmentAttention
{
    /// <summary>Lanes (rows × heads of a group) of a block: its queries, scores and sums stay in the first-level cache.</summary>
    private const int MaxLanes = 64;

    /// <summary>Keys held against a block at a time.</summary>
    private const int KeyTile = 64;

    /// <summary>Attention of query rows.</summary>
    /// <param name="pool">Threads; blocks of rows and key/value heads are shared out.</param>
    /// <param name="scratch">One buffer per worker.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="ranges">The tree with its keys and values.</param>
    /// <param name="rows">The rows that ask, ascending; with the segment and position of each.</param>
    /// <param name="rowSegments">Segment of every row of the plan.</param>
    /// <param name="rowPositions">Position of every row of the plan.</param>
    /// <param name="queries">Rotated queries, one row of <paramref name="queryStride"/> floats per asking row.</param>
    /// <param name="queryStride">Floats between two rows of queries.</param>
    /// <param name="output">Receives <c>[rows × heads·head_dim]</c>.</param>
    public static void Run(
        WorkerPool pool, FloatBuffer[] scratch, AttentionShape shape, KeyRange[] ranges, ReadOnlyMemory<int> rows, int[] rowSegments, int[] rowPositions, float* queries, nint queryStride, float* output)
    {
        int blockRows = Math.Max(1, MaxLanes / shape.Group);
        int blocks = (rows.Length + blockRows - 1) / blockRows;
        pool.Run(blocks * shape.KeyValueHeads, (item, worker) =>
        {
            int block = item / shape.KeyValueHeads;
            int first = block * blockRows;
            var job = new Job
            {
                Shape = shape,
                Ranges = ranges,
                Rows = rows.Span.Slice(first, Math.Min(blockRows, rows.Length - first)),
                RowSegments = rowSegments,
                RowPositions = rowPositions,
                KeyValueHead = item % shape.KeyValueHeads,
                Queries = queries + (first * queryStride),
                QueryStride = queryStride,
                Output = output + ((nint)first * shape.QueryWidth),
                Scratch = scratch[worker],
            };
            VectorWidths.Run(VectorWidths.Best, ref job);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Block<TMath, TVector>(ref Job job, FloatBuffer buffer)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        AttentionShape shape = job.Shape;
        int lanes = (job.Rows.Length * shape.Group + TMath.Lanes - 1) / TMath.Lanes * TMath.Lanes;
        int stride = lanes;
        int paddedDimension = (shape.HeadDimension + 3) / 4 * 4;
        float* queries = buffer.Reserve((long)stride * ((3 * paddedDimension) + KeyTile + 4));
        float* sums = queries + ((nint)paddedDimension * stride);
        float* scores = sums + ((nint)paddedDimension * stride);
        float* maxima = scores + ((nint)KeyTile * stride);
        float* totals = maxima + stride;
        job.Low = totals + stride;
        job.High = job.Low + stride;
        float* lanesOfRows = job.High + stride;
        PackQueries<TMath, TVector>(ref job, lanesOfRows, queries, stride);
        new Span<float>(sums, paddedDimension * stride).Clear();
        new Span<float>(totals, stride).Clear();
        new Span<float>(maxima, stride).Fill(float.MinValue);

        // The segments that any of the rows sees: the first row's path, then, for every row in a new segment, what of its path the row before does not share.
        int previousRow = -1;
        int previousSegment = -1;
        foreach (int row in job.Rows)
        {
            int segment = job.RowSegments[row];
            if (segment == previousSegment)
            {
                continue;
            }

            for (int s = segment; s >= 0 && !(job.Ranges[s].FirstRow <= previousRow && previousRow < job.Ranges[s].EndRow); s = job.Ranges[s].Parent)
            {
                Range<TMath, TVector>(ref job, job.Ranges[s], queries, sums, scores, maxima, totals, stride);
            }

            previousSegment = segment;
            previousRow = row;
        }

        Store<TMath, TVector>(ref job, sums, totals, lanesOfRows, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Range<TMath, TVector>(ref Job job, KeyRange range, float* queries, float* sums, float* scores, float* maxima, float* totals, int stride)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        // The asking rows under this segment lie behind one another; lanes of the same vector outside of them see nothing.
        int group = job.Shape.Group;
        int firstQuery = 0;
        while (job.Rows[firstQuery] < range.FirstRow)
        {
            firstQuery++;
        }

        int endQuery = firstQuery;
        int lowest = int.MaxValue;
        int highest = 0;
        int allFrom = 0;
        int allTo = int.MaxValue;
        while (endQuery < job.Rows.Length && job.Rows[endQuery] < range.EndRow)
        {
            int row = job.Rows[endQuery];
            int own = row - range.FirstRow;
            int high = own < range.OwnRows ? own + 1 : range.Length;
            int low = Math.Max(0, job.RowPositions[row] - range.Position - job.Shape.Window + 1);
            for (int lane = endQuery * group; lane < (endQuery + 1) * group; lane++)
            {
                job.Low[lane] = low;
                job.High[lane] = high;
            }

            lowest = Math.Min(lowest, low);
            highest = Math.Max(highest, high);
            allFrom = Math.Max(allFrom, low);
            allTo = Math.Min(allTo, high);
            endQuery++;
        }

        int firstLane = firstQuery * group / TMath.Lanes * TMath.Lanes;
        int endLane = ((endQuery * group) + TMath.Lanes - 1) / TMath.Lanes * TMath.Lanes;
        for (int lane = firstLane; lane < firstQuery * group; lane++)
        {
            job.Low[lane] = job.High[lane] = 0;
        }

        for (int lane = endQuery * group; lane < endLane; lane++)
        {
            job.Low[lane] = job.High[lane] = 0;
        }

        int width = job.Shape.KeyValueWidth;
        nint head = job.KeyValueHead * job.Shape.HeadDimension;
        for (int key = lowest; key < highest; key += KeyTile)
        {
            int keys = Math.Min(KeyTile, highest - key);
            float* k = (float*)range.Keys + ((nint)key * width) + head;
            float* v = (float*)range.Values + ((nint)key * width) + head;
            StripProduct.Multiply<TMath, TVector>(k, width, 1, keys, job.Shape.HeadDimension, queries + firstLane, scores + firstLane, stride, endLane - firstLane, accumulate: false);
            if (job.Shape.SoftCap > 0)
            {
                Cap<TMath, TVector>(job.Shape.SoftCap, scores + firstLane, stride, keys, endLane - firstLane);
            }

            bool allSeen = key >= allFrom && key + keys <= allTo;
            for (int lane = firstLane; lane < endLane; lane += TMath.Lanes)
            {
                if (allSeen && lane >= firstQuery * group && lane + TMath.Lanes <= endQuery * group)
                {
                    SoftmaxAllSeen<TMath, TVector>(ref job, keys, lane, scores, sums, maxima, totals, stride);
                }
                else
                {
                    Softmax<TMath, TVector>(ref job, key, keys, lane, scores, sums, maxima, totals, stride);
                }
            }

            StripProduct.Multiply<TMath, TVector>(v, 1, width, job.Shape.HeadDimension, keys, scores + firstLane, sums + firstLane, stride, endLane - firstLane, accumulate: true);
        }
    }

    /// <summary>Turns one vector of lanes' scores into exponentials against the running maximum, and rescales what was summed against an older one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Softmax<TMath, TVector>(ref Job job, int firstKey, int keys, int lane, float* scores, float* sums, float* maxima, float* totals, int stride)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector low = TMath.Subtract(TMath.Load(job.Low + lane), TMath.Broadcast(firstKey));
        TVector high = TMath.Subtract(TMath.Load(job.High + lane), TMath.Broadcast(firstKey));
        TVector hidden = TMath.Broadcast(float.MinValue);
        TVector oldMaximum = TMath.Load(maxima + lane);
        TVector maximum = oldMaximum;
        float* score = scores + lane;
        for (int i = 0; i < keys; i++, score += stride)
        {
            TVector visible = TMath.InRange(TMath.Broadcast(i), low, high);
            maximum = TMath.Max(maximum, TMath.Select(visible, TMath.Load(score), hidden));
        }

        TVector zero = TMath.Broadcast(0f);
        TVector total = zero;
        score = scores + lane;
        for (int i = 0; i < keys; i++, score += stride)
        {
            TVector visible = TMath.InRange(TMath.Broadcast(i), low, high);
            TVector weight = TMath.Select(visible, VectorExp.Exp<TMath, TVector>(TMath.Subtract(TMath.Load(score), maximum)), zero);
            TMath.Store(weight, score);
            total = TMath.Add(total, weight);
        }

        Rescale<TMath, TVector>(ref job, oldMaximum, maximum, total, lane, sums, maxima, totals, stride);
    }

    /// <summary>The same where every lane sees every key: on most of a prefix, nothing has to be masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SoftmaxAllSeen<TMath, TVector>(ref Job job, int keys, int lane, float* scores, float* sums, float* maxima, float* totals, int stride)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector oldMaximum = TMath.Load(maxima + lane);
        TVector maximum = oldMaximum;
        float* score = scores + lane;
        for (int i = 0; i < keys; i++, score += stride)
        {
            maximum = TMath.Max(maximum, TMath.Load(score));
        }

        TVector total = TMath.Broadcast(0f);
        score = scores + lane;
        for (int i = 0; i < keys; i++, score += stride)
        {
            TVector weight = VectorExp.Exp<TMath, TVector>(TMath.Subtract(TMath.Load(score), maximum));
            TMath.Store(weight, score);
            total = TMath.Add(total, weight);
        }

        Rescale<TMath, TVector>(ref job, oldMaximum, maximum, total, lane, sums, maxima, totals, stride);
    }

    /// <summary>Brings what was summed against the old maximum to the new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rescale<TMath, TVector>(ref Job job, TVector oldMaximum, TVector maximum, TVector total, int lane, float* sums, float* maxima, float* totals, int stride)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector rescale = VectorExp.Exp<TMath, TVector>(TMath.Subtract(oldMaximum, maximum));
        TMath.Store(maximum, maxima + lane);
        TMath.Store(TMath.MultiplyAdd(TMath.Load(totals + lane), rescale, total), totals + lane);
        float* sum = sums + lane;
        for (int i = 0; i < job.Shape.HeadDimension; i++, sum += stride)
        {
            TMath.Store(TMath.Multiply(TMath.Load(sum), rescale), sum);
        }
    }

    /// <summary>Caps the scores of a tile, before anything is masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cap<TMath, TVector>(float cap, float* scores, int stride, int keys, int lanes)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector caps = TMath.Broadcast(cap);
        TVector inverse = TMath.Broadcast(1 / cap);
        for (int key = 0; key < keys; key++, scores += stride)
        {
            for (int lane = 0; lane < lanes; lane += TMath.Lanes)
            {
                TMath.Store(TMath.Multiply(caps, VectorTanh.Tanh<TMath, TVector>(TMath.Multiply(TMath.Load(scores + lane), inverse))), scores + lane);
            }
        }
    }

    /// <summary>Transposes the block's queries, scaled, so that each row of the result holds one dimension of all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackQueries<TMath, TVector>(ref Job job, float* lanesOfRows, float* packed, int stride)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        int dimension = job.Shape.HeadDimension;
        int group = job.Shape.Group;
        float* row = lanesOfRows;
        for (int query = 0; query < job.Rows.Length; query++)
        {
            float* source = job.Queries + (query * job.QueryStride) + ((nint)job.KeyValueHead * group * dimension);
            Scale<TMath, TVector>(source, job.Shape.ScoreScale, row, group * dimension);
            row += group * dimension;
        }

        new Span<float>(row, (int)(lanesOfRows + ((nint)stride * dimension) - row)).Clear();
        LaneTransposer.Transpose(lanesOfRows, dimension, stride, dimension, packed, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store<TMath, TVector>(ref Job job, float* sums, float* totals, float* lanesOfRows, int stride)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        int dimension = job.Shape.HeadDimension;
        int group = job.Shape.Group;
        LaneTransposer.Transpose(sums, stride, dimension, stride, lanesOfRows, dimension);
        int lane = 0;
        for (int query = 0; query < job.Rows.Length; query++)
        {
            float* target = job.Output + ((nint)query * job.Shape.QueryWidth) + ((nint)job.KeyValueHead * group * dimension);
            for (int head = 0; head < group; head++, lane++, target += dimension)
            {
                Scale<TMath, TVector>(lanesOfRows + ((nint)lane * dimension), 1 / totals[lane], target, dimension);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TMath, TVector>(float* source, float scale, float* target, int count)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct
    {
        TVector scales = TMath.Broadcast(scale);
        int i = 0;
        for (; i <= count - TMath.Lanes; i += TMath.Lanes)
        {
            TMath.Store(TMath.Multiply(TMath.Load(source + i), scales), target + i);
        }

        for (; i < count; i++)
        {
            target[i] = source[i] * scale;
        }
    }

    /// <summary>One block of rows against one key/value head.</summary>
    internal ref struct Job : IVectorJob
    {
        public AttentionShape Shape;
        public KeyRange[] Ranges;
        public ReadOnlySpan<int> Rows;
        public int[] RowSegments;
        public int[] RowPositions;
        public int KeyValueHead;
        public float* Queries;
        public nint QueryStride;
        public float* Output;
        public FloatBuffer Scratch;

        /// <summary>Per lane, the first key that it sees of the range at hand, and one past the last.</summary>
        public float* Low;
        public float* High;

        public void Run<TVector, TSimd>()
            where TVector : struct
            where TSimd : struct, IVectorMath<TVector> => Block<TSimd, TVector>(ref this, Scratch);
    }
}
