namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>Where each field of <see cref="TileArguments"/> lies, in bytes from its start.</summary>
internal enum TileField
{
    Weights = 0,
    Inputs = 8,
    InputStride = 16,
    TileStride = 24,
    Steps = 32,
    Sums = 40,
    Tiles = 48,
    WeightScales = 56,
    InputScales = 64,
    Starts = 72,
    Saved = 80,
}
