namespace MetaEol.Llama.Filtering;

/// <summary>Normally distributed numbers of mean 0 and deviation 1 from a seed: SplitMix64 and the Box-Muller transform, which no runtime changes.</summary>
internal sealed class NormalNumbers(int seed)
{
    private ulong _state = (uint)seed;
    private double? _second;

    public double Next()
    {
        if (_second is double second)
        {
            _second = null;
            return second;
        }

        // In (0, 1], so that the logarithm is finite.
        double radius = Math.Sqrt(-2 * Math.Log(1 - Uniform())), angle = 2 * Math.PI * Uniform();
        _second = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    private double Uniform()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong bits = _state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return ((bits ^ (bits >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
