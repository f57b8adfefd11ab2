using Operation = MetaEol.Llama.Tokenization.PatternInstruction.Operation;

namespace MetaEol.Llama.Tokenization;

/// <summary>Runs compiled patterns by backtracking, over code points. Not safe for use from several threads at once.</summary>
/// <remarks>
/// A tokenizer.json is untrusted: every step is counted against a budget that grows with the text, so that an expression with exponential
/// backtracking ends in an exception and not in a hang. The ways back are kept in an array, so that no pattern can overflow the stack.
/// </remarks>
internal sealed class PatternMatcher
{
    private const int MaximumFrames = 8_000_000;
    private const int KeptFrames = 4_096;
    private const long BaseSteps = 20_000_000;
    private const long StepsPerCharacter = 200;

    private Frame[] _frames = new Frame[64];
    private int[] _slots = [];
    private int _count;
    private long _steps;

    /// <summary>Allows the steps for a text of that length. Called once per text, not per match.</summary>
    public void Begin(long textLength)
    {
        _steps = BaseSteps + (StepsPerCharacter * textLength);
        if (_frames.Length > KeptFrames)
        {
            _frames = new Frame[64];
        }
    }

    /// <summary>
    /// All matches in <paramref name="text"/>, leftmost first, and what lies between them, in order and without gaps. An empty match directly behind the match
    /// before it does not count.
    /// </summary>
    public void FindAll(PatternProgram program, ReadOnlySpan<char> text, List<PatternMatch> found)
    {
        int position = 0;
        int covered = 0;
        int lastEnd = -1;
        while (position <= text.Length && TryFind(program, text, position, out int start, out int end))
        {
            if (start == end && start == lastEnd)
            {
                position += position < text.Length ? CodePointLength(text, position) : 1;
                continue;
            }

            if (covered < start)
            {
                found.Add(new(covered, start, false));
            }

            found.Add(new(start, end, true));
            (position, covered, lastEnd) = (end, end, end);
        }

        if (covered < text.Length)
        {
            found.Add(new(covered, text.Length, false));
        }
    }

    private static int CodePointLength(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    private bool TryFind(PatternProgram program, ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        if (_slots.Length < program.Slots)
        {
            _slots = new int[program.Slots];
        }

        for (start = from; start <= text.Length; start += start < text.Length ? CodePointLength(text, start) : 1)
        {
            _count = 0;
            end = Run(program, text, 0, start);
            if (end >= 0)
            {
                return true;
            }
        }

        end = -1;
        return false;
    }

    /// <summary>Runs from an instruction and a position to Accept; returns the position there, or -1.</summary>
    private int Run(PatternProgram program, ReadOnlySpan<char> text, int at, int position)
    {
        PatternInstruction[] instructions = program.Instructions;
        int floor = _count;
        while (true)
        {
            if (--_steps < 0)
            {
                throw TooManySteps(program, text);
            }

            ref readonly PatternInstruction instruction = ref instructions[at];
            bool matches = true;
            switch (instruction.Kind)
            {
                case Operation.Set:
                    _steps -= instruction.Set!.Cost - 1;
                    matches = TryRead(text, ref position, instruction.Set!);
                    at++;
                    break;
                case Operation.SetLoop:
                case Operation.PossessiveSetLoop:
                    matches = RunLoop(program, text, instruction, at + 1, ref position);
                    at++;
                    break;
                case Operation.Split:
                    Push(program, text, new(instruction.B, position, -1));
                    at = instruction.A;
                    break;
                case Operation.Jump:
                    at = instruction.A;
                    break;
                case Operation.Anchor:
                    matches = IsAt((PatternAnchor)instruction.A, text, position);
                    at++;
                    break;
                case Operation.Atomic:
                    position = Run(program, text, at + 1, position);
                    matches = position >= 0;
                    at = instruction.A;
                    break;
                case Operation.Look:
                case Operation.NegativeLook:
                    _steps -= instruction.B;
                    int from = StepBack(text, position, instruction.B);
                    matches = (from >= 0 && Run(program, text, at + 1, from) >= 0) == (instruction.Kind == Operation.Look);
                    at = instruction.A;
                    break;
                case Operation.Mark:
                    Push(program, text, new(~instruction.A, _slots[instruction.A], -1));
                    _slots[instruction.A] = position;
                    at++;
                    break;
                case Operation.LeaveIfUnmoved:
                    at = _slots[instruction.A] == position ? instruction.B : at + 1;
                    break;
                case Operation.Accept:
                    _count = floor;
                    return position;
            }

            if (!matches && !TryGoBack(text, floor, out at, out position))
            {
                return -1;
            }
        }
    }

    /// <summary>Takes up the last open way: another alternative, or a loop with one code point less.</summary>
    private bool TryGoBack(ReadOnlySpan<char> text, int floor, out int at, out int position)
    {
        while (_count > floor)
        {
            ref Frame frame = ref _frames[_count - 1];
            if (frame.At < 0)
            {
                _slots[~frame.At] = frame.Position;
                _count--;
                continue;
            }

            at = frame.At;
            position = frame.Position;
            if (frame.Minimum < 0)
            {
                _count--;
                return true;
            }

            position -= position >= 2 && char.IsLowSurrogate(text[position - 1]) && char.IsHighSurrogate(text[position - 2]) ? 2 : 1;
            frame.Position = position;
            if (position <= frame.Minimum)
            {
                _count--;
            }

            return true;
        }

        at = 0;
        position = -1;
        return false;
    }

    private bool RunLoop(PatternProgram program, ReadOnlySpan<char> text, in PatternInstruction loop, int next, ref int position)
    {
        CharacterSet set = loop.Set!;
        int count = 0;
        int afterMinimum = position;
        while (count < loop.B && TryRead(text, ref position, set))
        {
            if (++count == loop.A)
            {
                afterMinimum = position;
            }
        }

        _steps -= (long)count * set.Cost;
        if (count < loop.A)
        {
            return false;
        }

        if (loop.Kind == Operation.SetLoop && position > afterMinimum)
        {
            Push(program, text, new(next, position, afterMinimum));
        }

        return true;
    }

    private static bool TryRead(ReadOnlySpan<char> text, ref int position, CharacterSet set)
    {
        int index = position;
        if ((uint)index >= (uint)text.Length)
        {
            return false;
        }

        char c = text[index];
        if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            if (!set.Contains(char.ConvertToUtf32(c, text[index + 1])))
            {
                return false;
            }

            position = index + 2;
            return true;
        }

        if (!set.Contains(c))
        {
            return false;
        }

        position = index + 1;
        return true;
    }

    private static int StepBack(ReadOnlySpan<char> text, int position, int count)
    {
        for (; count > 0 && position > 0; count--)
        {
            position -= position >= 2 && char.IsLowSurrogate(text[position - 1]) && char.IsHighSurrogate(text[position - 2]) ? 2 : 1;
        }

        return count > 0 ? -1 : position;
    }

    private static bool IsAt(PatternAnchor anchor, ReadOnlySpan<char> text, int position) => anchor switch
    {
        PatternAnchor.LineStart => position == 0 || (text[position - 1] == '\n' && position < text.Length),
        PatternAnchor.LineEnd => position == text.Length || text[position] == '\n',
        PatternAnchor.TextStart => position == 0,
        PatternAnchor.TextEnd => position == text.Length,
        PatternAnchor.TextEndOrLastLineFeed => position == text.Length || (position == text.Length - 1 && text[position] == '\n'),
        PatternAnchor.WordBoundary => IsWordBoundary(text, position),
        _ => !IsWordBoundary(text, position),
    };

    private static bool IsWordBoundary(ReadOnlySpan<char> text, int position)
    {
        int before = StepBack(text, position, 1);
        int after = position;
        return (before >= 0 && TryRead(text, ref before, CharacterSet.Word)) != TryRead(text, ref after, CharacterSet.Word);
    }

    private void Push(PatternProgram program, ReadOnlySpan<char> text, Frame frame)
    {
        if (_count == _frames.Length)
        {
            if (_count >= MaximumFrames)
            {
                throw TooManySteps(program, text);
            }

            Array.Resize(ref _frames, _count * 2);
        }

        _frames[_count++] = frame;
    }

    private static InvalidModelException TooManySteps(PatternProgram program, ReadOnlySpan<char> text) => new(
        $"The tokenizer's regular expression {PatternProgram.Quote(program.Source)} backtracks without bound on a text of {text.Length} characters. Expressions as published models have them need a few steps per character.");

    /// <summary>A way back: an alternative (Minimum is -1), a loop that may give back (down to Minimum), or a slot to restore (At is its complement).</summary>
    private struct Frame(int at, int position, int minimum)
    {
        public readonly int At = at;
        public int Position = position;
        public readonly int Minimum = minimum;
    }
}
