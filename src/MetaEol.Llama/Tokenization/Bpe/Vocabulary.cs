using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Tokens as UTF-8 and their ids: one block of bytes and a hash table, so that a large vocabulary loads without an object per token.</summary>
/// <remarks>
/// Built by one thread, then read by many. The methods that run for every token while a file loads are optimized at once: at start there is no time for the
/// runtime to find out that they are hot.
/// </remarks>
internal sealed class Vocabulary
{
    /// <summary>Ids from here on are refused: tables are indexed by id, and no model has as many tokens.</summary>
    public const int IdLimit = 1 << 24;

    private byte[] _bytes;
    private int[] _starts;
    private int[] _ids;
    private Slot[] _slots;
    private int _count;
    private int[]? _entryOfId;

    /// <param name="expectedTokens">A guess, to save growing.</param>
    public Vocabulary(int expectedTokens)
    {
        _bytes = new byte[(expectedTokens * 8) + 64];
        _starts = new int[expectedTokens + 2];
        _ids = new int[expectedTokens + 1];
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)expectedTokens * 2 | 64)];
    }

    /// <summary>Number of different tokens.</summary>
    public int Count => _count;

    /// <summary>The largest id, or -1.</summary>
    public int MaximumId { get; private set; } = -1;

    /// <summary>Length of the longest token in bytes.</summary>
    public int LongestToken { get; private set; }

    /// <summary>Adds a token and its id; false, and no change, if the token is there already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryAdd(ReadOnlySpan<byte> token, int id)
    {
        uint hash = TokenHash.Of(token);
        if (FindEntry(token, hash) >= 0)
        {
            return false;
        }

        MaximumId = Math.Max(MaximumId, id);
        if (_count * 2 >= _slots.Length)
        {
            Grow();
        }

        LongestToken = Math.Max(LongestToken, token.Length);
        int start = _starts[_count];
        if (start + token.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + token.Length));
        }

        if (_count == _ids.Length)
        {
            Array.Resize(ref _ids, _count * 2);
            Array.Resize(ref _starts, _ids.Length + 1);
        }

        token.CopyTo(_bytes.AsSpan(start));
        _starts[_count + 1] = start + token.Length;
        _ids[_count] = id;
        Insert(_slots, new(hash, _count + 1));
        _count++;
        return true;
    }

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        int entry = FindEntry(token, TokenHash.Of(token));
        return entry < 0 ? -1 : _ids[entry];
    }

    public int Find(string token) => Find(Encoding.UTF8.GetBytes(token));

    /// <summary>The token of an id, or empty if the vocabulary has none.</summary>
    public ReadOnlySpan<byte> Token(int id)
    {
        int[] entryOfId = _entryOfId ??= IndexById();
        return (uint)id < (uint)entryOfId.Length && entryOfId[id] > 0 ? Entry(entryOfId[id] - 1) : default;
    }

    /// <summary>
    /// Whether every <paramref name="mark"/> in a token is at its start or behind another one. Then no merge ever crosses from something else to a mark,
    /// and a long text may be cut there into words without any change to the result.
    /// </summary>
    public bool HasMarkOnlyAtStart(ReadOnlySpan<byte> mark)
    {
        if (Find(mark) < 0)
        {
            return false;
        }

        for (int i = 0; i < _count; i++)
        {
            ReadOnlySpan<byte> token = Entry(i);
            while (token.StartsWith(mark))
            {
                token = token[mark.Length..];
            }

            if (token.IndexOf(mark) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Two tokens that have one id, or null.</summary>
    public (string First, string Second, int Id)? FindDuplicateId()
    {
        int[] entryOfId = new int[MaximumId + 1];
        for (int i = 0; i < _count; i++)
        {
            ref int entry = ref entryOfId[_ids[i]];
            if (entry > 0)
            {
                return (Encoding.UTF8.GetString(Entry(entry - 1)), Encoding.UTF8.GetString(Entry(i)), _ids[i]);
            }

            entry = i + 1;
        }

        return null;
    }

    /// <summary>Adds tokens and ids to a hash.</summary>
    public void AppendTo(ContentHash hash)
    {
        hash.Append(_bytes.AsSpan(0, _starts[_count]));
        hash.Append(_starts.AsSpan(0, _count + 1));
        hash.Append(_ids.AsSpan(0, _count));
    }

    private ReadOnlySpan<byte> Entry(int entry) => _bytes.AsSpan(_starts[entry], _starts[entry + 1] - _starts[entry]);

    private int[] IndexById()
    {
        int[] entryOfId = new int[MaximumId + 1];
        for (int i = 0; i < _count; i++)
        {
            entryOfId[_ids[i]] = i + 1;
        }

        return entryOfId;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindEntry(ReadOnlySpan<byte> token, uint hash)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            Slot slot = slots[i];
            if (slot.Entry == 0)
            {
                return -1;
            }

            if (slot.Hash == hash && Entry(slot.Entry - 1).SequenceEqual(token))
            {
                return slot.Entry - 1;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Insert(Slot[] slots, Slot slot)
    {
        int mask = slots.Length - 1;
        int i = (int)slot.Hash & mask;
        while (slots[i].Entry != 0)
        {
            i = (i + 1) & mask;
        }

        slots[i] = slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        Slot[] larger = new Slot[_slots.Length * 4];
        foreach (Slot slot in _slots)
        {
            if (slot.Entry != 0)
            {
                Insert(larger, slot);
            }
        }

        _slots = larger;
    }

    private readonly record struct Slot(uint Hash, int Entry);
}
