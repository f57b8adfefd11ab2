namespace MetaEol.Llama.Tokenization;

/// <summary>The merges that are open in a long text, lowest rank first, then leftmost: a binary heap in a reusable array.</summary>
internal sealed class MergeHeap
{
    private const int KeptEntries = 16_384;

    private Entry[] _entries = new Entry[256];

    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        if (_entries.Length > KeptEntries)
        {
            _entries = new Entry[256];
        }
    }

    /// <summary>Adds a merge without ordering it yet; <see cref="Order"/> must follow before the first <see cref="Pop"/>.</summary>
    public void Append(int rank, int position, int value)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count++] = new(((ulong)(uint)rank << 32) | (uint)position, value);
    }

    public void Order()
    {
        for (int i = (Count >> 1) - 1; i >= 0; i--)
        {
            SiftDown(i, _entries[i]);
        }
    }

    public void Push(int rank, int position, int value)
    {
        Append(rank, position, value);
        Entry entry = _entries[Count - 1];
        int i = Count - 1;
        while (i > 0 && _entries[(i - 1) >> 1].Key > entry.Key)
        {
            _entries[i] = _entries[(i - 1) >> 1];
            i = (i - 1) >> 1;
        }

        _entries[i] = entry;
    }

    /// <summary>Takes out the first merge: its position and value.</summary>
    public (int Position, int Value) Pop()
    {
        Entry top = _entries[0];
        Entry last = _entries[--Count];
        if (Count > 0)
        {
            SiftDown(0, last);
        }

        return ((int)(uint)top.Key, top.Value);
    }

    private void SiftDown(int i, Entry entry)
    {
        Entry[] entries = _entries;
        int count = Count;
        while (true)
        {
            int child = (2 * i) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && entries[child + 1].Key < entries[child].Key)
            {
                child++;
            }

            if (entries[child].Key >= entry.Key)
            {
                break;
            }

            entries[i] = entries[child];
            i = child;
        }

        entries[i] = entry;
    }

    private readonly record struct Entry(ulong Key, int Value);
}
