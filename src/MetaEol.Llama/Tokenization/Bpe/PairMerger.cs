namespace MetaEol.Llama.Tokenization;

/// <summary>Byte-pair merging: the pair of lowest rank first, of equal ranks the leftmost, until no pair merges. Not safe for use from several threads at once.</summary>
/// <remarks>
/// Short words (nearly all) are scanned: at this size a scan beats a heap. Long ones go through a heap over a linked list, n log n, so that a megabyte
/// without a space is no problem.
/// </remarks>
internal sealed class PairMerger
{
    private const int ScanLimit = 24;
    private const int KeptSymbols = 16_384;

    private readonly MergeHeap _heap = new();
    private Symbol[] _symbols = [];

    /// <summary>Merges <paramref name="ids"/> (which it overwrites) and adds what is left to <paramref name="output"/>.</summary>
    public void Merge(MergeTable merges, Span<int> ids, TokenList output)
    {
        if (ids.Length <= ScanLimit)
        {
            MergeByScan(merges, ids, output);
        }
        else
        {
            MergeByHeap(merges, ids, output);
        }
    }

    private static void MergeByScan(MergeTable merges, Span<int> ids, TokenList output)
    {
        Span<int> ranks = stackalloc int[ScanLimit];
        Span<int> results = stackalloc int[ScanLimit];
        int count = ids.Length;
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = merges.Find(ids[i], ids[i + 1], out results[i]);
        }

        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }

            if (ranks[best] == int.MaxValue)
            {
                break;
            }

            ids[best] = results[best];
            count--;
            for (int i = best + 1; i < count; i++)
            {
                ids[i] = ids[i + 1];
                ranks[i] = ranks[i + 1];
                results[i] = results[i + 1];
            }

            if (best + 1 < count)
            {
                ranks[best] = merges.Find(ids[best], ids[best + 1], out results[best]);
            }

            if (best > 0)
            {
                ranks[best - 1] = merges.Find(ids[best - 1], ids[best], out results[best - 1]);
            }
        }

        output.AddRange(ids[..count]);
    }

    private void MergeByHeap(MergeTable merges, Span<int> ids, TokenList output)
    {
        if (_symbols.Length < ids.Length)
        {
            _symbols = new Symbol[Math.Max(ids.Length, 256)];
        }

        Symbol[] symbols = _symbols;
        MergeHeap heap = _heap;
        heap.Clear();
        for (int i = 0; i < ids.Length; i++)
        {
            symbols[i] = new() { Id = ids[i], Previous = i - 1, Next = i + 1 < ids.Length ? i + 1 : -1 };
            if (i > 0)
            {
                Open(merges, heap, ids[i - 1], ids[i], i - 1, ordered: false);
            }
        }

        heap.Order();
        while (heap.Count > 0)
        {
            (int position, int result) = heap.Pop();
            ref Symbol left = ref symbols[position];
            if (left.Id < 0 || left.Next < 0)
            {
                continue;
            }

            ref Symbol right = ref symbols[left.Next];

            // An entry is out of date once one of its two has merged with another.
            if (merges.Find(left.Id, right.Id, out int current) == int.MaxValue || current != result)
            {
                continue;
            }

            left.Id = result;
            right.Id = -1;
            left.Next = right.Next;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = position;
                Open(merges, heap, result, symbols[left.Next].Id, position, ordered: true);
            }

            if (left.Previous >= 0)
            {
                Open(merges, heap, symbols[left.Previous].Id, result, left.Previous, ordered: true);
            }
        }

        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            output.Add(symbols[i].Id);
        }

        heap.Clear();
        if (_symbols.Length > KeptSymbols)
        {
            _symbols = [];
        }
    }

    private static void Open(MergeTable merges, MergeHeap heap, int left, int right, int position, bool ordered)
    {
        int rank = merges.Find(left, right, out int result);
        if (rank == int.MaxValue)
        {
            return;
        }

        if (ordered)
        {
            heap.Push(rank, position, result);
        }
        else
        {
            heap.Append(rank, position, result);
        }
    }

    private struct Symbol
    {
        public int Id;
        public int Previous;
        public int Next;
    }
}
