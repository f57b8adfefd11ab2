namespace MetaEol.Llama.Kernels;

/// <summary>The vector operations that the kernels use, for one vector width: a kernel is written once over them and the JIT specialises it for each width.</summary>
/// <typeparam name="TVector">The vector of float32 lanes.</typeparam>
internal unsafe interface IVectorMath<TVector>
    where TVector : struct
{
    /// <summary>Number of float32 lanes.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* destination);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>left · right + addend, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

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
