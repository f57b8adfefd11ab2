namespace MetaEol.Llama.Kernels;

/// <summary>What attention, norms and activations need of a vector width, beyond what the matrix products do.</summary>
/// <typeparam name="TVector">The vector of float32 lanes.</typeparam>
internal interface IVectorMath<TVector> : ISimd<TVector>
    where TVector : struct
{
    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    static abstract TVector Min(TVector left, TVector right);

    static abstract TVector Max(TVector left, TVector right);

    static abstract TVector Round(TVector value);

    /// <summary>All bits set in the lanes where low ≤ index &lt; high.</summary>
    static abstract TVector InRange(TVector index, TVector low, TVector high);

    /// <summary>The lanes of <paramref name="ifTrue"/> where the mask is set, of <paramref name="ifFalse"/> elsewhere.</summary>
    static abstract TVector Select(TVector mask, TVector ifTrue, TVector ifFalse);

    /// <summary>value · 2^exponent for whole exponents in -126 .. 127.</summary>
    static abstract TVector Scale(TVector value, TVector exponent);

    /// <summary>The sum over the lanes.</summary>
    static abstract float Sum(TVector value);
}
