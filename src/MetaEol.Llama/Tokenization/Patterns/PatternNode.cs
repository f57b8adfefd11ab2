namespace MetaEol.Llama.Tokenization;

/// <summary>A pattern as a tree, between parser and compiler.</summary>
internal abstract class PatternNode
{
    /// <summary>Number of code points that every match has, or null if it varies.</summary>
    public virtual int? FixedLength => null;

    /// <summary>Whether it may match the empty text.</summary>
    public abstract bool MayBeEmpty { get; }

    public sealed class Set(CharacterSet set) : PatternNode
    {
        public CharacterSet Characters { get; } = set;

        public override int? FixedLength => 1;

        public override bool MayBeEmpty => false;
    }

    public sealed class Sequence(IReadOnlyList<PatternNode> items) : PatternNode
    {
        public IReadOnlyList<PatternNode> Items { get; } = items;

        public override int? FixedLength => Items.Aggregate((int?)0, (sum, item) => sum + item.FixedLength);

        public override bool MayBeEmpty => Items.All(item => item.MayBeEmpty);
    }

    public sealed class Alternatives(IReadOnlyList<PatternNode> items) : PatternNode
    {
        public IReadOnlyList<PatternNode> Items { get; } = items;

        public override int? FixedLength => Items.All(item => item.FixedLength == Items[0].FixedLength) ? Items[0].FixedLength : null;

        public override bool MayBeEmpty => Items.Any(item => item.MayBeEmpty);
    }

    public sealed class Repeat(PatternNode body, int minimum, int maximum, bool lazy) : PatternNode
    {
        public const int Unbounded = int.MaxValue;

        public PatternNode Body { get; } = body;

        public int Minimum { get; } = minimum;

        public int Maximum { get; } = maximum;

        public bool Lazy { get; } = lazy;

        public override int? FixedLength => Minimum == Maximum ? Body.FixedLength * Minimum : null;

        public override bool MayBeEmpty => Minimum == 0 || Body.MayBeEmpty;
    }

    public sealed class Atomic(PatternNode body) : PatternNode
    {
        public PatternNode Body { get; } = body;

        public override int? FixedLength => Body.FixedLength;

        public override bool MayBeEmpty => Body.MayBeEmpty;
    }

    public sealed class Look(PatternNode body, bool behind, bool negative) : PatternNode
    {
        public PatternNode Body { get; } = body;

        public bool Behind { get; } = behind;

        public bool Negative { get; } = negative;

        public override int? FixedLength => 0;

        public override bool MayBeEmpty => true;
    }

    public sealed class Anchor(PatternAnchor kind) : PatternNode
    {
        public PatternAnchor Kind { get; } = kind;

        public override int? FixedLength => 0;

        public override bool MayBeEmpty => true;
    }
}
