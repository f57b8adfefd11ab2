namespace MetaEol.Llama.Tokenization;

/// <summary>Patterns that may stand at the start of a text: a sorted list, in which every character of the text narrows down what may still match. Immutable.</summary>
/// <remarks>It takes no memory but for the patterns; a tree with a node for each character takes hundreds of times as much.</remarks>
/// <typeparam name="T">The unit: UTF-16 or UTF-8.</typeparam>
internal sealed class PrefixTable<T>
    where T : unmanaged, IComparable<T>, IEquatable<T>
{
    private readonly T[][] _patterns;
    private readonly int[] _values;

    /// <param name="patterns">The patterns, none of them empty; of equal ones the last counts.</param>
    /// <param name="values">The value of each.</param>
    public PrefixTable(IReadOnlyList<T[]> patterns, IReadOnlyList<int> values)
    {
        // Indices are sorted, and lists of no other kind: when a process starts, every generic method compiled counts.
        int[] order = new int[patterns.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (x, y) => patterns[x].AsSpan().SequenceCompareTo(patterns[y]) is not 0 and int unequal ? unequal : x - y);
        int count = 0;
        for (int i = 0; i < order.Length; i++)
        {
            bool isLastOfEqual = i + 1 == order.Length || !patterns[order[i]].AsSpan().SequenceEqual(patterns[order[i + 1]]);
            order[count] = order[i];
            count += isLastOfEqual ? 1 : 0;
        }

        _patterns = new T[count][];
        _values = new int[count];
        for (int i = 0; i < count; i++)
        {
            (_patterns[i], _values[i]) = (patterns[order[i]], values[order[i]]);
        }
    }

    /// <summary>The units that a pattern starts with, each once.</summary>
    public T[] FindStarts()
    {
        T[] starts = new T[_patterns.Length];
        int count = 0;
        foreach (T[] pattern in _patterns)
        {
            if (count == 0 || !starts[count - 1].Equals(pattern[0]))
            {
                starts[count++] = pattern[0];
            }
        }

        return starts[..count];
    }

    /// <summary>Searches the patterns that <paramref name="text"/> starts with, shortest first.</summary>
    public Search At(ReadOnlySpan<T> text) => new(this, text);

    /// <summary>The longest pattern that <paramref name="text"/> starts with: its length, or 0.</summary>
    /// <param name="text">The text.</param>
    /// <param name="budget">Charged for what is looked at.</param>
    public int LongestAt(ReadOnlySpan<T> text, TextBudget budget)
    {
        Search search = At(text);
        int length = 0;
        while (search.MoveNext())
        {
            length = search.Length;
        }

        budget.Spend(search.Looked);
        return length;
    }

    /// <summary>A search under way.</summary>
    public ref struct Search(PrefixTable<T> table, ReadOnlySpan<T> text)
    {
        private readonly ReadOnlySpan<T> _text = text;
        private int _first;
        private int _end = table._patterns.Length;

        /// <summary>Length of the pattern found last.</summary>
        public int Length { get; private set; }

        /// <summary>Value of the pattern found last.</summary>
        public int Value { get; private set; }

        /// <summary>How many units were looked at.</summary>
        public int Looked { get; private set; }

        /// <summary>Goes to the next longer pattern, or gives false if there is none.</summary>
        public bool MoveNext()
        {
            T[][] patterns = table._patterns;
            while (_first < _end)
            {
                if (patterns[_first].Length == Looked)
                {
                    // Sorted: a pattern comes before those that go on behind it.
                    (Length, Value) = (Looked, table._values[_first++]);
                    return true;
                }

                if (Looked == _text.Length)
                {
                    return false;
                }

                Narrow(_text[Looked]);
                Looked++;
            }

            return false;
        }

        private void Narrow(T unit)
        {
            T[][] patterns = table._patterns;
            if (!patterns[_first][Looked].Equals(unit) || !patterns[_end - 1][Looked].Equals(unit))
            {
                _first = Find(unit, orBehind: false);
                _end = Find(unit, orBehind: true);
            }
        }

        /// <summary>Index of the first pattern whose next unit is the wanted one, or behind the last of these.</summary>
        private readonly int Find(T unit, bool orBehind)
        {
            (int low, int high) = (_first, _end);
            while (low < high)
            {
                int middle = low + ((high - low) / 2);
                int order = table._patterns[middle][Looked].CompareTo(unit);
                (low, high) = order < 0 || (orBehind && order == 0) ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}
