namespace MetaEol.Llama.Tests;

/// <summary>Ends a test that hangs.</summary>
internal static class TimeLimit
{
    /// <summary>Many times what any of these tests takes: a hang takes hours or for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static T Run<T>(Func<T> work)
    {
        Task<T> task = Task.Factory.StartNew(work, TaskCreationOptions.LongRunning);
        Assert.True(((IAsyncResult)task).AsyncWaitHandle.WaitOne(Limit), $"It takes more than {Limit}.");
        return task.GetAwaiter().GetResult();
    }

    /// <summary>The exception that the work ends with, in time.</summary>
    public static InvalidModelException Throws(Action work) => Run(() => Assert.Throws<InvalidModelException>(work));
}
