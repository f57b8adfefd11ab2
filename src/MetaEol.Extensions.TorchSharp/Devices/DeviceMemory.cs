namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Goes on with smaller pieces when a device runs out of memory.</summary>
internal static class DeviceMemory
{
    /// <summary>Whether an exception of libtorch says that an allocation failed.</summary>
    /// <remarks>TorchSharp brings every native error as an ExternalException; only the text tells them apart.</remarks>
    public static bool IsExhausted(Exception exception) =>
        exception is OutOfMemoryException
        || (exception is System.Runtime.InteropServices.ExternalException
            && (exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || exception.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase)));

    /// <summary>
    /// Runs <paramref name="pass"/> over all items, as many at once as <paramref name="cut"/> allows for a budget, and halves the budget whenever it runs out
    /// of memory.
    /// </summary>
    /// <param name="count">Number of items.</param>
    /// <param name="budget">Most token rows of a pass; what is left of it after halving is what later calls should begin with.</param>
    /// <param name="cut">End of the run of items that begins at an index and fits a budget; at least one item.</param>
    /// <param name="pass">Computes the items begin .. end - 1.</param>
    /// <param name="halved">Told the new budget and the exception.</param>
    /// <exception cref="OutOfMemoryException">A single item does not fit; the inner exception is libtorch's.</exception>
    public static void Run(int count, ref int budget, Func<int, int, int> cut, Action<int, int> pass, Action<int, Exception> halved)
    {
        int begin = 0;
        while (begin < count)
        {
            int end = cut(begin, budget);
            try
            {
                pass(begin, end);
                begin = end;
            }
            catch (Exception exception) when (IsExhausted(exception))
            {
                if (end - begin == 1)
                {
                    throw new OutOfMemoryException(exception.Message, exception);
                }

                do
                {
                    budget = Math.Max(1, budget / 2);
                }
                while (budget > 1 && cut(begin, budget) == end);

                halved(budget, exception);
            }
        }
    }
}
