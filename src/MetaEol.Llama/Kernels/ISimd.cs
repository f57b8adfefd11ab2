namespace MetaEol.Llama.Kernels;

/// <summary>What the float32 kernels need of a vector width. Type arguments are structs, so the JIT compiles each kernel anew for each width.</summary>
/// <typeparam name="TVector">A hardware vector of float32.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Numbers in a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Rows of a full register tile: as many as the register file holds beside <see cref="MatrixProduct.PanelVectors"/> columns of vectors.</summary>
    static abstract int TileRows { get; }

    /// <summary>Loads a vector; no alignment needed.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Stores a vector; no alignment needed.</summary>
    static abstract void Store(TVector value, float* destination);

    /// <summary>A vector of equal numbers.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>Sum.</summary>
    static abstract TVector Add(TVector left, TVector right);

    /// <summary>Product.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left · right + addend, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);
}
