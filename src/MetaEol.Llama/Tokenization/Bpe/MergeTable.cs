using System.Numerics;
using System.Runtime.CompilerServices;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Which pairs of tokens merge, in which order, into what. Built by one thread, then read by many.</summary>
internal sealed class MergeTable
{
    private Slot[] _slots;
    private int _count;

    /// <param name="expectedMerges">A guess, to save growing.</param>
    public MergeTable(int expectedMerges)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)expectedMerges * 2 | 64)];
    }

    /// <summary>Sets a merge; a pair that is there already gets the new rank and result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(int left, int right, int rank, int result)
    {
        if (_count * 2 >= _slots.Length)
        {
            Grow();
        }

        Slot slot = new(Key(left, right), rank, result + 1);
        _count += Insert(_slots, slot) ? 1 : 0;
    }

    /// <summary>Rank and result of merging two tokens; the rank is <see cref="int.MaxValue"/> if they do not merge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(int left, int right, out int result)
    {
        ulong key = Key(left, right);
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int i = (int)TokenHash.Of(key) & mask; ; i = (i + 1) & mask)
        {
            ref readonly Slot slot = ref slots[i];
            if (slot.Key == key && slot.ResultPlusOne != 0)
            {
                result = slot.ResultPlusOne - 1;
                return slot.Rank;
            }

            if (slot.ResultPlusOne == 0)
            {
                result = -1;
                return int.MaxValue;
            }
        }
    }

    /// <summary>Adds the merges to a hash, in their order.</summary>
    public void AppendTo(ContentHash hash)
    {
        Slot[] merges = [.. _slots.Where(slot => slot.ResultPlusOne != 0).OrderBy(slot => slot.Rank)];
        hash.Append([.. merges.SelectMany(slot => new[] { (int)(slot.Key >> 32), (int)(uint)slot.Key, slot.Rank, slot.ResultPlusOne - 1 })]);
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Insert(Slot[] slots, Slot slot)
    {
        int mask = slots.Length - 1;
        int i = (int)TokenHash.Of(slot.Key) & mask;
        while (slots[i].ResultPlusOne != 0)
        {
            if (slots[i].Key == slot.Key)
            {
                slots[i] = slot;
                return false;
            }

            i = (i + 1) & mask;
        }

        slots[i] = slot;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        Slot[] larger = new Slot[_slots.Length * 4];
        foreach (Slot slot in _slots)
        {
            if (slot.ResultPlusOne != 0)
            {
                Insert(larger, slot);
            }
        }

        _slots = larger;
    }

    private readonly record struct Slot(ulong Key, int Rank, int ResultPlusOne);
}
