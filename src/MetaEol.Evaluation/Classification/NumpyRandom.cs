namespace MetaEol.Evaluation.Classification;

/// <summary>
/// The Mersenne Twister as <c>numpy.random.RandomState</c> and PyTorch's CPU generator use it, so that folds, initial weights and the order of examples are those
/// of SentEval, which seeds both with 1111.
/// </summary>
internal sealed class NumpyRandom
{
    private const int StateSize = 624, ShiftSize = 397;
    private readonly uint[] _state = new uint[StateSize];
    private int _next = StateSize;

    public NumpyRandom(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < StateSize; i++)
        {
            uint previous = _state[i - 1];
            _state[i] = (1812433253u * (previous ^ (previous >> 30))) + i;
        }
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_next == StateSize)
        {
            Twist();
        }

        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    /// <summary>PyTorch's <c>tensor.uniform_(-bound, bound)</c> for one float32: 24 random bits.</summary>
    public float NextTorchUniform(float bound) => ((NextUInt32() & 0xffffffu) * (1f / (1 << 24)) * (bound - -bound)) + -bound;

    /// <summary>NumPy's <c>shuffle</c>.</summary>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = (int)NextInterval((uint)i);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>NumPy's <c>permutation(count)</c>.</summary>
    public int[] Permutation(int count)
    {
        int[] values = [.. Enumerable.Range(0, count)];
        Shuffle(values);
        return values;
    }

    /// <summary>0 to <paramref name="maximum"/>, inclusive, by masking and rejecting, as NumPy's legacy generator does.</summary>
    private uint NextInterval(uint maximum)
    {
        uint mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(maximum);
        uint value;
        do
        {
            value = NextUInt32() & mask;
        }
        while (value > maximum);

        return value;
    }

    private void Twist()
    {
        for (int i = 0; i < StateSize; i++)
        {
            uint y = (_state[i] & 0x80000000u) | (_state[(i + 1) % StateSize] & 0x7fffffffu);
            _state[i] = _state[(i + ShiftSize) % StateSize] ^ (y >> 1) ^ ((y & 1) == 0 ? 0u : 0x9908b0dfu);
        }

        _next = 0;
    }
}
