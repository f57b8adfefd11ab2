using MetaEol.Llama.ModelFiles;
using Operation = MetaEol.Llama.Tokenization.PatternInstruction.Operation;

namespace MetaEol.Llama.Tokenization;

/// <summary>A regular expression over code points, compiled for <see cref="PatternMatcher"/>. Immutable.</summary>
internal sealed class PatternProgram
{
    private const int MaximumLength = 20_000;
    private const int MaximumVisits = 100_000;
    private const int QuoteLength = 160;

    private readonly List<PatternInstruction> _instructions = [];
    private int _visits;

    private PatternProgram(string source)
    {
        Source = source;
        Emit(PatternParser.Parse(source));
        Add(new(Operation.Accept));
        Instructions = [.. _instructions];
    }

    /// <summary>The expression as written.</summary>
    public string Source { get; }

    public PatternInstruction[] Instructions { get; }

    /// <summary>Number of position slots that loops need.</summary>
    public int Slots { get; private set; }

    /// <exception cref="InvalidModelException">The expression is malformed, or uses what is not supported.</exception>
    public static PatternProgram Compile(string source) => new(source);

    /// <summary>An expression as messages show it: in quotes, cut where it is long.</summary>
    public static string Quote(string source) => $"'{ModelFile.Visible(source, QuoteLength)}'";

    private int Add(PatternInstruction instruction)
    {
        if (_instructions.Count >= MaximumLength)
        {
            throw TooLarge();
        }

        _instructions.Add(instruction);
        return _instructions.Count - 1;
    }

    private InvalidModelException TooLarge() =>
        new($"The regular expression {Quote(Source)} is too large: its repetitions make more than {MaximumLength} steps.");

    private void Emit(PatternNode node)
    {
        // Repetitions of what makes no step cost time all the same.
        if (++_visits > MaximumVisits)
        {
            throw TooLarge();
        }

        switch (node)
        {
            case PatternNode.Set set:
                Add(new(Operation.Set, Set: set.Characters));
                break;
            case PatternNode.Sequence sequence:
                foreach (PatternNode item in sequence.Items)
                {
                    Emit(item);
                }

                break;
            case PatternNode.Alternatives alternatives:
                EmitAlternatives(alternatives.Items, Emit);
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case PatternNode.Atomic { Body: PatternNode.Repeat { Body: PatternNode.Set set, Lazy: false } repeat }:
                Add(new(Operation.PossessiveSetLoop, repeat.Minimum, repeat.Maximum, set.Characters));
                break;
            case PatternNode.Atomic atomic:
                EmitAlone(Operation.Atomic, 0, atomic.Body);
                break;
            case PatternNode.Look look:
                EmitLook(look);
                break;
            case PatternNode.Anchor anchor:
                Add(new(Operation.Anchor, (int)anchor.Kind));
                break;
        }
    }

    private void EmitAlternatives(IReadOnlyList<PatternNode> items, Action<PatternNode> emit)
    {
        List<int> jumps = [];
        for (int i = 0; i < items.Count; i++)
        {
            int split = i < items.Count - 1 ? Add(default) : -1;
            emit(items[i]);
            if (split >= 0)
            {
                jumps.Add(Add(default));
                _instructions[split] = new(Operation.Split, split + 1, _instructions.Count);
            }
        }

        foreach (int jump in jumps)
        {
            _instructions[jump] = new(Operation.Jump, _instructions.Count);
        }
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        if (repeat.Body is PatternNode.Set set && !repeat.Lazy)
        {
            Add(new(Operation.SetLoop, repeat.Minimum, repeat.Maximum, set.Characters));
            return;
        }

        for (int i = 0; i < repeat.Minimum; i++)
        {
            Emit(repeat.Body);
        }

        if (repeat.Maximum == PatternNode.Repeat.Unbounded)
        {
            EmitUnbounded(repeat);
            return;
        }

        List<int> splits = [];
        for (int i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            splits.Add(Add(default));
            Emit(repeat.Body);
        }

        foreach (int split in splits)
        {
            SetSplit(split, repeat.Lazy, _instructions.Count);
        }
    }

    private void EmitUnbounded(PatternNode.Repeat repeat)
    {
        int split = Add(default);
        if (!repeat.Body.MayBeEmpty)
        {
            Emit(repeat.Body);
            Add(new(Operation.Jump, split));
        }
        else
        {
            int slot = Slots++;
            Add(new(Operation.Mark, slot));
            Emit(repeat.Body);
            int leave = Add(default);
            Add(new(Operation.Jump, split));
            _instructions[leave] = new(Operation.LeaveIfUnmoved, slot, _instructions.Count);
        }

        SetSplit(split, repeat.Lazy, _instructions.Count);
    }

    private void SetSplit(int split, bool lazy, int end) =>
        _instructions[split] = lazy ? new(Operation.Split, end, split + 1) : new(Operation.Split, split + 1, end);

    private void EmitLook(PatternNode.Look look)
    {
        Operation operation = look.Negative ? Operation.NegativeLook : Operation.Look;
        if (!look.Behind)
        {
            EmitAlone(operation, 0, look.Body);
            return;
        }

        IReadOnlyList<PatternNode> items = look.Body is PatternNode.Alternatives several ? several.Items : [look.Body];
        if (look.Negative)
        {
            // Not behind a or b: not behind a, and not behind b.
            foreach (PatternNode item in items)
            {
                EmitAlone(operation, item.FixedLength!.Value, item);
            }
        }
        else
        {
            EmitAlternatives(items, item => EmitAlone(operation, item.FixedLength!.Value, item));
        }
    }

    private void EmitAlone(Operation operation, int back, PatternNode body)
    {
        int start = Add(default);
        Emit(body);
        Add(new(Operation.Accept));
        _instructions[start] = new(operation, _instructions.Count, back);
    }
}
