namespace MetaEol.AspNetCore.Load;

/// <summary>Measures how many tokens are done in a second while there is work; what lies further back counts less. Not safe for use by several threads.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    // After so many seconds of work a measure counts e times less.
    private const double MemorySeconds = 30;

    private const int LongestWait = 3600;

    private long _since;
    private double _tokens;
    private double _seconds;

    /// <summary>Tokens in a second; 0 before anything was measured.</summary>
    public double TokensPerSecond => _seconds > 0 ? _tokens / _seconds : 0;

    /// <summary>Work begins after there was none.</summary>
    public void Begin() => _since = time.GetTimestamp();

    /// <summary>A part of the work is done.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="idle">Whether no other is under way.</param>
    public void Done(long tokens, bool idle)
    {
        long now = time.GetTimestamp();
        double elapsed = time.GetElapsedTime(_since, now).TotalSeconds;
        double kept = Math.Exp(-elapsed / MemorySeconds);
        _tokens = (_tokens * kept) + tokens;
        _seconds = (_seconds * kept) + elapsed;
        _since = idle ? 0 : now;
    }

    /// <summary>Whole seconds, at least 1, in which so many tokens are done.</summary>
    public int SecondsFor(long tokens) => TokensPerSecond > 0 ? (int)Math.Clamp(Math.Ceiling(tokens / TokensPerSecond), 1, LongestWait) : 1;
}
