namespace MetaEol.Llama.Tokenization;

/// <summary>One step of a compiled pattern.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="A">First operand: a target, a minimum, a slot or an anchor.</param>
/// <param name="B">Second operand: the other target, a maximum, or a length.</param>
/// <param name="Set">The code points it accepts, if it reads any.</param>
internal readonly record struct PatternInstruction(PatternInstruction.Operation Kind, int A = 0, int B = 0, CharacterSet? Set = null)
{
    public enum Operation
    {
        /// <summary>Reads one code point of the set.</summary>
        Set,

        /// <summary>Reads A to B code points of the set, as many as it can, and gives some back when the rest fails.</summary>
        SetLoop,

        /// <summary>The same, but gives none back.</summary>
        PossessiveSetLoop,

        /// <summary>Goes on at A, and at B when that fails.</summary>
        Split,

        /// <summary>Goes on at A.</summary>
        Jump,

        /// <summary>Asks for the position <see cref="PatternAnchor"/> A.</summary>
        Anchor,

        /// <summary>Runs what follows up to Accept on its own, then goes on at A, without ways back into it.</summary>
        Atomic,

        /// <summary>Runs what follows up to Accept B code points back (0: from here); goes on at A without moving if it matches.</summary>
        Look,

        /// <summary>The same, but goes on if it does not match.</summary>
        NegativeLook,

        /// <summary>Notes the position in slot A.</summary>
        Mark,

        /// <summary>Goes on at B if the position is still that of slot A: a round of a loop that read nothing is the last.</summary>
        LeaveIfUnmoved,

        /// <summary>The end of the pattern, or of a part that runs on its own.</summary>
        Accept,
    }
}
