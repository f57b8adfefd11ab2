using MetaEol.Tests;

namespace MetaEol.Llama.Tests;

/// <summary>Ends a test that hangs.</summary>
internal static class TimeLimit
{
    public static T Run<T>(Func<T> work) => Patience.Run(work);

    /// <summary>The exception that the work ends with, in time.</summary>
    public static InvalidModelException Throws(Action work) => Run(() => Assert.Throws<InvalidModelException>(work));
}
