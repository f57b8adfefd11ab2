namespace MetaEol.Llama.Kernels;

/// <summary>One block of columns of an 8-bit product: a panel of weights and the inputs it is multiplied with.</summary>
internal unsafe struct Int8Block
{
    /// <summary>Prepared weights, <c>[steps × panel width]</c>, 32 bits each.</summary>
    public byte* Weights;

    /// <summary>Scale of each of the panel's outputs.</summary>
    public float* WeightScales;

    /// <summary>Quantized inputs, row-major.</summary>
    public byte* Inputs;

    /// <summary>Bytes from one row of the inputs to the next.</summary>
    public nint InputStride;

    /// <summary>Scale of each row.</summary>
    public float* InputScales;

    /// <summary>What the integer sums of each row begin with: what corrects the weights' offset.</summary>
    public int* Starts;

    /// <summary>32-bit units of a row.</summary>
    public int Steps;

    /// <summary>Whether the products are added to c.</summary>
    public bool Add;
}
