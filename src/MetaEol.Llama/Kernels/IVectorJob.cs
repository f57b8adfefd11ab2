namespace MetaEol.Llama.Kernels;

/// <summary>Work that is compiled once for each vector width; <see cref="VectorWidths.Run"/> picks the width.</summary>
internal interface IVectorJob
{
    /// <summary>Does the work with vectors of one width.</summary>
    void Run<TVector, TSimd>()
        where TVector : struct
        where TSimd : struct, IVectorMath<TVector>;
}
