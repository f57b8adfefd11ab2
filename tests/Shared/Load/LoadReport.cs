using System.Globalization;

namespace MetaEol.Tests.Load;

/// <summary>What became of the requests of a load.</summary>
internal sealed class LoadReport
{
    private readonly Lock _gate = new();
    private readonly List<double> _seconds = [];
    private readonly List<string> _wrong = [];

    /// <summary>Requests that were answered with vectors, all of them right.</summary>
    public int Answered => _seconds.Count;

    /// <summary>Vectors that were compared.</summary>
    public long Vectors { get; private set; }

    /// <summary>Requests that were refused as they had to be: with a wrong key or a wrong body.</summary>
    public int Refused { get; private set; }

    /// <summary>Requests that the client cut off.</summary>
    public int Cut { get; private set; }

    /// <summary>Answers with status 429; the client asked again.</summary>
    public int Busy { get; private set; }

    /// <summary>What must not be: a wrong vector, a lost request, another status.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    public void AddAnswer(double seconds, int vectors) => Change(() =>
    {
        _seconds.Add(seconds);
        Vectors += vectors;
    });

    public void AddRefusal() => Change(() => Refused++);

    public void AddCut() => Change(() => Cut++);

    public void AddBusy() => Change(() => Busy++);

    public void AddWrong(string what) => Change(() => _wrong.Add(what));

    /// <summary>Seconds within which a share of the answers came.</summary>
    public double Quantile(double share)
    {
        lock (_gate)
        {
            double[] sorted = [.. _seconds.Order()];
            return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Answered} answered with {Vectors} vectors, {Refused} refused, {Cut} cut off, {Busy} times busy, {Wrong.Count} wrong; p50 {Quantile(0.5) * 1000:0} ms, p99 {Quantile(0.99) * 1000:0} ms");

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }
}
