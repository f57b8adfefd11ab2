namespace MetaEol.Llama.Tokenization;

/// <summary>Patterns that may stand at the start of a text: a sorted list, in which every character of the text narrows down what may still match. Immutable.</summary>
/// <remarks>It takes no memory but for the patterns; a tree with a node for each character takes hundreds of times as much.</remarks>
/// <typeparam name="T">The unit: UTF-16 or UTF-8.</typeparam>
internal sealed class PrefixTable<T>
    where T : unmanaged, IComparable<T>, IEquatable<T>
{
    private readonly T[][] _patterns;
    private readonly int[] _values;

    /// <param name="patterns">None of them empty, with the value of each; of equal ones the last counts.</param>
    public PrefixTable(IEnumerable<(T[] Pattern, int Value)> patterns)
    {
        List<(T[] Pattern, int Value)> sorted = [];
        foreach ((T[] Pattern, int Value) item in patterns.OrderBy(item => item.Pattern, Comparer<T[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y))))
        {
            if (sorted.Count > 0 && sorted[^1].Pattern.AsSpan().SequenceEqual(item.Pattern))
            {
                sorted.RemoveAt(sorted.Count - 1);
            }

            sorted.Add(item);
        }

        _patterns = [.. sorted.Select(item => item.Pattern)];
        _values = [.. sorted.Select(item => item.Value)];
    }

    /// <summary>The units that a pattern starts with.</summary>
    public IEnumerable<T> Starts => _patterns.Select(pattern => pattern[0]).Distinct();

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
