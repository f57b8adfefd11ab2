using System.Runtime.CompilerServices;

namespace MetaEol.Llama.Tokenization;

/// <summary>A growing list of ids whose array is reused.</summary>
internal sealed class TokenList
{
    private const int KeptLength = 65_536;

    private int[] _items = new int[256];

    public int Count { get; private set; }

    public Span<int> Items => _items.AsSpan(0, Count);

    public void Clear()
    {
        Count = 0;
        if (_items.Length > KeptLength)
        {
            _items = new int[256];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        _items[Count++] = id;
    }

    public void AddRange(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            Add(id);
        }
    }
}
