using System.Diagnostics.CodeAnalysis;

namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>Register tiles in machine code, for instructions that .NET does not offer: 512-bit VPDPBUSD (8 bits) and VDPBF16PS (bfloat16).</summary>
/// <remarks>The code is made once in a process; each of these has its own copy of it in executable memory, freed when it is disposed.</remarks>
internal sealed unsafe class EmittedKernels : IDisposable
{
    private static readonly Lazy<TileCode> Code = new(() => TileCode.Emit(OperatingSystem.IsWindows()));

    private readonly ExecutableMemory _memory;

    private EmittedKernels(ExecutableMemory memory) => _memory = memory;

    /// <summary>Whether the 8-bit tiles are there.</summary>
    public bool HasInt8 { get; } = ProcessorFeatures.Avx512Vnni;

    /// <summary>Whether the bfloat16 tiles are there.</summary>
    public bool HasBFloat16 { get; } = ProcessorFeatures.Avx512BFloat16;

    /// <summary>Makes the kernels that this machine can run.</summary>
    /// <param name="kernels">The kernels, which have at least one kind of tile.</param>
    /// <param name="reason">Where there are none, why.</param>
    /// <returns>Whether there are any.</returns>
    public static bool TryCreate([NotNullWhen(true)] out EmittedKernels? kernels, [NotNullWhen(false)] out string? reason) =>
        TryCreate(code => ExecutableMemory.Create(code), out kernels, out reason);

    /// <summary>The same, with another way of getting executable memory.</summary>
    internal static bool TryCreate(Func<byte[], ExecutableMemory> allocate, [NotNullWhen(true)] out EmittedKernels? kernels, [NotNullWhen(false)] out string? reason)
    {
        kernels = null;
        if (!ProcessorFeatures.Avx512Vnni && !ProcessorFeatures.Avx512BFloat16)
        {
            reason = "the processor has neither AVX512_VNNI nor AVX512_BF16";
            return false;
        }

        ExecutableMemory memory;
        try
        {
            memory = allocate(Code.Value.Bytes);
        }
        catch (PlatformNotSupportedException exception)
        {
            reason = exception.Message;
            return false;
        }

        ulong states = ((delegate* unmanaged<ulong>)memory.Start)();
        if ((states & ProcessorFeatures.Avx512States) != ProcessorFeatures.Avx512States)
        {
            memory.Dispose();
            reason = "the operating system does not save the registers of AVX-512";
            return false;
        }

        kernels = new EmittedKernels(memory);
        reason = null;
        return true;
    }

    /// <summary>Runs 8-bit tiles over some rows. All arguments are set but those of tiles.</summary>
    public void Int8(int rows, bool add, ref TileArguments arguments) => Run(Code.Value.Int8, rows, add, ref arguments);

    /// <summary>Runs bfloat16 tiles over some rows. All arguments are set but those of tiles.</summary>
    public void BFloat16(int rows, bool add, ref TileArguments arguments) => Run(Code.Value.BFloat16, rows, add, ref arguments);

    /// <summary>Frees the code; nobody may be running it.</summary>
    public void Dispose() => _memory.Dispose();

    // Tiles of nearly equal height: 9 rows take less time as 5 + 4 than as 8 + 1.
    private void Run(int[] places, int rows, bool add, ref TileArguments arguments)
    {
        int tiles = (rows + TileEmitter.MaxRows - 1) / TileEmitter.MaxRows;
        int height = rows / tiles, higher = rows % tiles;
        fixed (TileArguments* pointer = &arguments)
        {
            Call(places, height + 1, higher, add, pointer);
            Call(places, height, tiles - higher, add, pointer);
        }

        GC.KeepAlive(_memory);
    }

    private void Call(int[] places, int rows, int tiles, bool add, TileArguments* arguments)
    {
        if (tiles == 0)
        {
            return;
        }

        arguments->TileStride = rows * arguments->InputStride;
        arguments->Tiles = tiles;
        byte* function = _memory.Start + places[TileCode.IndexOf(rows, add)];
        ((delegate* unmanaged<TileArguments*, void>)function)(arguments);
    }
}
