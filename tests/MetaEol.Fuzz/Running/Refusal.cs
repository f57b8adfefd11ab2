using MetaEol.Cli;

namespace MetaEol.Fuzz.Running;

/// <summary>The exceptions that are a parser's right answer.</summary>
internal static class Refusal
{
    /// <summary>Longest message that people can be expected to read.</summary>
    private const int LongestMessage = 6000;

    /// <summary>Whether people can be expected to read a message; those of the tool's own exceptions are cut where they are printed.</summary>
    public static bool IsReadable(Exception exception) => exception.Message.Length <= LongestMessage || exception.GetType().Assembly == typeof(ToolException).Assembly;

    /// <summary>What is read, or null where it is refused with the exception that is documented.</summary>
    public static T? Expect<TException, T>(Func<T?> read)
        where TException : Exception
        where T : class
    {
        try
        {
            return read();
        }
        catch (TException refusal)
        {
            DifferenceException.Unless(IsReadable(refusal), "A message has thousands of characters.");
            return null;
        }
    }
}
