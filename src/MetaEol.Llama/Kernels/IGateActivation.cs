namespace MetaEol.Llama.Kernels;

/// <summary>The activation of a gate, in vectors and plainly.</summary>
internal interface IGateActivation
{
    /// <summary>The activation of each lane.</summary>
    static abstract TVector Apply<TMath, TVector>(TVector gate)
        where TMath : struct, IVectorMath<TVector>
        where TVector : struct;

    /// <summary>The plain version.</summary>
    static abstract double Reference(double gate);
}
