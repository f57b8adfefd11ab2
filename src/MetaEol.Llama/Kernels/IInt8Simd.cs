namespace MetaEol.Llama.Kernels;

/// <summary>What the 8-bit product needs of an instruction set. All of them compute the same exact integers, so results are equal to the bit on every machine.</summary>
/// <typeparam name="TVector">A hardware vector of int32.</typeparam>
/// <typeparam name="TFloat">The hardware vector of float32 of the same width.</typeparam>
internal unsafe interface IInt8Simd<TVector, TFloat>
    where TVector : struct
    where TFloat : struct
{
    /// <summary>Columns that one instruction sums in a lane: 2 as 16-bit pairs, or 4 as 8-bit quadruples; both fill the lane's 32 bits.</summary>
    static abstract int Step { get; }

    /// <summary>Rows of a full register tile.</summary>
    static abstract int TileRows { get; }

    /// <summary>What prepared weights are too large by: 128 where the instruction wants them unsigned, else 0.</summary>
    static abstract int WeightOffset { get; }

    /// <summary>Bytes from one step of prepared weights to the next.</summary>
    static abstract nint Stride { get; }

    /// <summary>Weights as <see cref="Products"/> wants them: <paramref name="stored"/> itself, or a copy at <paramref name="scratch"/>.</summary>
    /// <param name="stored">Three vectors of outputs in the layout of <see cref="Int8Layout"/>.</param>
    /// <param name="steps">Steps of 4 columns.</param>
    /// <param name="scratch">Room for the copy.</param>
    static abstract byte* Prepare(byte* stored, int steps, byte* scratch);

    /// <summary>Loads a vector; no alignment needed.</summary>
    static abstract TVector Load(byte* source);

    /// <summary>A vector of equal numbers.</summary>
    static abstract TVector Broadcast(int value);

    /// <summary>The dot products of <see cref="Step"/> weights and inputs in each lane, where an instruction of its own adds them to a sum; else anything.</summary>
    static abstract TVector Products(TVector weights, TVector inputs);

    /// <summary>sum + the dot products, which are either <paramref name="products"/> or computed here from weights and inputs.</summary>
    static abstract TVector Accumulate(TVector sum, TVector products, TVector weights, TVector inputs);

    /// <summary>The numbers as float32.</summary>
    static abstract TFloat ToSingle(TVector value);
}
