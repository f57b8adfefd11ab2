namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>A memory operand: base + index · scale + displacement.</summary>
/// <param name="Base">The base register.</param>
/// <param name="Displacement">Bytes added.</param>
/// <param name="Index">The index register, any but the stack pointer, or null.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
internal readonly record struct Address(Gpr Base, int Displacement = 0, Gpr? Index = null, int Scale = 1);
