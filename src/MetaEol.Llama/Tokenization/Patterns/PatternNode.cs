namespace MetaEol.Llama.Tokenization;

/// <summary>A pattern as a tree, between parser and compiler.</summary>
/// <remarks>What is asked of a node is worked out once, when it is made: asked again and again down a deep tree, it would take time without bound.</remarks>
internal abstract class PatternNode
{
    private const int LongestFixedLength = 10_000;

    /// <param name="fixedLength">Number of code points that every match has, or null if it varies.</param>
    /// <param name="mayBeEmpty">Whether it may match the empty text.</param>
    /// <param name="items">The nodes right below.</param>
    private PatternNode(long? fixedLength, bool mayBeEmpty, IReadOnlyList<PatternNode> items)
    {
        FixedLength = fixedLength <= LongestFixedLength ? (int?)fixedLength : null;
        MayBeEmpty = mayBeEmpty;
        foreach (PatternNode item in items)
        {
            Depth = Math.Max(Depth, item.Depth + 1);
        }
    }

    /// <summary>Number of code points that every match has, or null if it varies or is very large.</summary>
    public int? FixedLength { get; }

    /// <summary>Whether it may match the empty text.</summary>
    public bool MayBeEmpty { get; }

    /// <summary>How many nodes lie below one another.</summary>
    public int Depth { get; } = 1;

    public sealed class Set(CharacterSet set) : PatternNode(1, false, [])
    {
        public CharacterSet Characters { get; } = set;
    }

    public sealed class Sequence(IReadOnlyList<PatternNode> items)
        : PatternNode(items.Aggregate((long?)0, (sum, item) => sum + item.FixedLength), items.All(item => item.MayBeEmpty), items)
    {
        public IReadOnlyList<PatternNode> Items { get; } = items;
    }

    public sealed class Alternatives(IReadOnlyList<PatternNode> items)
        : PatternNode(items.All(item => item.FixedLength == items[0].FixedLength) ? items[0].FixedLength : null, items.Any(item => item.MayBeEmpty), items)
    {
        public IReadOnlyList<PatternNode> Items { get; } = items;
    }

    public sealed class Repeat(PatternNode body, int minimum, int maximum, bool lazy)
        : PatternNode(minimum == maximum ? (long?)body.FixedLength * minimum : null, minimum == 0 || body.MayBeEmpty, [body])
    {
        public const int Unbounded = int.MaxValue;

        public PatternNode Body { get; } = body;

        public int Minimum { get; } = minimum;

        public int Maximum { get; } = maximum;

        public bool Lazy { get; } = lazy;
    }

    public sealed class Atomic(PatternNode body) : PatternNode(body.FixedLength, body.MayBeEmpty, [body])
    {
        public PatternNode Body { get; } = body;
    }

    public sealed class Look(PatternNode body, bool behind, bool negative) : PatternNode(0, true, [body])
    {
        public PatternNode Body { get; } = body;

        public bool Behind { get; } = behind;

        public bool Negative { get; } = negative;
    }

    public sealed class Anchor(PatternAnchor kind) : PatternNode(0, true, [])
    {
        public PatternAnchor Kind { get; } = kind;
    }
}
