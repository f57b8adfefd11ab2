namespace MetaEol.Llama.Kernels;

/// <summary>The logarithm of a sum of exponentials, taken in block by block.</summary>
internal struct LogSum
{
    private double _sum;
    private float _highest;

    /// <summary>log Σ e^x of all numbers so far.</summary>
    public readonly double Value => _highest + Math.Log(_sum);

    /// <summary>Takes some more numbers; all are finite.</summary>
    public void Add(ReadOnlySpan<float> numbers)
    {
        float highest = _sum == 0 ? float.NegativeInfinity : _highest;
        foreach (float number in numbers)
        {
            highest = Math.Max(highest, number);
        }

        _sum = (_sum == 0 ? 0 : _sum * Math.Exp((double)_highest - highest)) + ExponentialSum.Of(numbers, highest);
        _highest = highest;
    }
}
