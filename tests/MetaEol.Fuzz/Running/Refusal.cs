namespace MetaEol.Fuzz.Running;

/// <summary>The exceptions that are a parser's right answer.</summary>
internal static class Refusal
{
    /// <summary>Longest message that people can be expected to read.</summary>
    public const int LongestMessage = 6000;

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
            DifferenceException.Unless(refusal.Message.Length <= LongestMessage, "A message has thousands of characters.");
            return null;
        }
    }
}
