namespace MetaEol.Fuzz.Running;

/// <summary>A small random generator whose numbers follow from a target's name, a seed and an input's index, on every machine and runtime: an input can be made again from these three.</summary>
internal sealed class FuzzRandom
{
    private ulong _state;

    public FuzzRandom(string name, int seed, long index)
    {
        _state = 14695981039346656037UL;
        foreach (char letter in name)
        {
            _state = (_state ^ letter) * 1099511628211UL;
        }

        _state ^= ((ulong)(uint)seed << 32) ^ (ulong)index;
        Next();
    }

    /// <summary>A number of 64 bits (splitmix64).</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to below <paramref name="end"/>, which is above 0.</summary>
    public int Below(int end) => (int)(Next() % (ulong)end);

    /// <summary>A number in a range, both ends included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    /// <summary>One of some.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>A length, mostly short, up to <paramref name="maximum"/>.</summary>
    public int Length(int maximum) => OneIn(8) ? Between(1, maximum) : Between(1, Math.Min(8, maximum));
}
