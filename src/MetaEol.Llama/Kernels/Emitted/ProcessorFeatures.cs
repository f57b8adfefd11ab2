using System.Runtime.Intrinsics.X86;

namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>What the processor says of itself, beyond what .NET has names for.</summary>
internal static class ProcessorFeatures
{
    /// <summary>XCR0: the vector and mask registers of AVX-512 in full, all of which the operating system has to save.</summary>
    public const ulong Avx512States = 0xE6;

    // .NET's answer covers F, BW and what the operating system saves; the switches that turn instruction sets off in .NET hold here, too.
    private static bool Avx512 => X86Base.X64.IsSupported && Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <summary>512-bit VPDPBUSD: leaf 7, ECX bit 11.</summary>
    public static bool Avx512Vnni => Avx512 && MaxSubleaf >= 0 && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    /// <summary>VDPBF16PS: leaf 7, subleaf 1, EAX bit 5.</summary>
    public static bool Avx512BFloat16 => Avx512 && MaxSubleaf >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    private static int MaxSubleaf => X86Base.CpuId(0, 0).Eax >= 7 ? X86Base.CpuId(7, 0).Eax : -1;
}
