namespace MetaEol.Fuzz.Running;

/// <summary>What an input can do that it must not.</summary>
internal enum FindingKind
{
    /// <summary>An exception that the parser's documentation does not name, or one with a message that nobody can read.</summary>
    Exception,

    /// <summary>A result that cannot be right.</summary>
    Difference,

    /// <summary>More memory than the target allows.</summary>
    Memory,

    /// <summary>More time than the target allows.</summary>
    Hang,

    /// <summary>The end of the process.</summary>
    Crash,
}
