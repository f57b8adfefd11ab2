namespace MetaEol.Tests;

/// <summary>
/// How long a test waits for what must come before it calls it a hang: so many times what it takes that a machine on which others compute is not taken for a defect, and less than what takes quadratic time
/// or never ends. No test asserts that something takes less: how long things take is measured by the benchmarks.
/// </summary>
internal static class Patience
{
    /// <summary>The time.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromMinutes(5);

    /// <summary>Runs work in a thread of its own, and fails where it does not end.</summary>
    public static T Run<T>(Func<T> work)
    {
        Task<T> task = Task.Factory.StartNew(work, TaskCreationOptions.LongRunning);
        Assert.True(((IAsyncResult)task).AsyncWaitHandle.WaitOne(Hang), $"It does not end within {Hang}.");
        return task.GetAwaiter().GetResult();
    }
}
