namespace MetaEol.Fuzz.Running;

/// <summary>A result cannot be right: two ways that have to agree differ, or a number is out of its range.</summary>
internal sealed class DifferenceException(string message) : Exception(message)
{
    /// <summary>Throws where a condition does not hold.</summary>
    public static void Unless(bool condition, string message)
    {
        if (!condition)
        {
            throw new DifferenceException(message);
        }
    }
}
