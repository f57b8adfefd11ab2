using System.Globalization;
using MetaEol.Extensions;

namespace MetaEol.Fuzz.Soak;

/// <summary>How calls ended.</summary>
internal sealed class SoakCount
{
    private int _results;
    private int _refused;
    private int _cancelled;
    private int _busy;
    private int _disposed;
    private Exception? _unexpected;

    /// <summary>The first exception that no documentation names.</summary>
    public Exception? Unexpected => Volatile.Read(ref _unexpected);

    /// <summary>Waits for a call and counts how it ends.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isWrong">Whether its text or options are wrong, so that an <see cref="ArgumentException"/> is the right answer.</param>
    public async Task CountAsync(Func<Task> call, bool isWrong = false)
    {
        try
        {
            await call().ConfigureAwait(false);
            Interlocked.Increment(ref _results);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
        }
        catch (GeneratorBusyException)
        {
            Interlocked.Increment(ref _busy);
        }
        catch (ObjectDisposedException)
        {
            Interlocked.Increment(ref _disposed);
        }
        catch (ArgumentException) when (isWrong)
        {
            Interlocked.Increment(ref _refused);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _unexpected, exception, null);
        }
    }

    public override string ToString()
    {
        (int Count, string How)[] all = [(_results, "results"), (_refused, "refused"), (_cancelled, "cancelled"), (_busy, "busy"), (_disposed, "disposed")];
        return string.Join(", ", all.Where(one => one.Count > 0).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Count:N0} {one.How}")));
    }
}
