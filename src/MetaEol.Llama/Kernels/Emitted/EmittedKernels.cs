using System.Diagnostics.CodeAnalysis;

namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>Register tiles in machine code, for instructions that .NET does not offer: 512-bit VPDPBUSD (8 bits) and VDPBF16PS (bfloat16).</summary>
/// <remarks>The code is made when this is created, some microseconds for each function, and freed when it is disposed.</remarks>
internal sealed unsafe class EmittedKernels : IDisposable
{
    private readonly ExecutableMemory _memory;

    // First those that begin anew, then those that add to the sums before; 0 where the processor lacks the instruction.
    private readonly nint[] _int8;
    private readonly nint[] _bfloat16;

    private EmittedKernels(ExecutableMemory memory, int[]? int8, int[]? bfloat16)
    {
        _memory = memory;
        nint[] Addresses(int[]? places) => [.. (places ?? []).Select(place => (nint)memory.Start + place)];
        _int8 = Addresses(int8);
        _bfloat16 = Addresses(bfloat16);
    }

    /// <summary>Whether the 8-bit tiles are there.</summary>
    public bool HasInt8 => _int8.Length > 0;

    /// <summary>Whether the bfloat16 tiles are there.</summary>
    public bool HasBFloat16 => _bfloat16.Length > 0;

    /// <summary>Emits what this machine can run.</summary>
    /// <param name="kernels">The kernels, which have at least one kind of tile.</param>
    /// <param name="reason">Where there are none, why.</param>
    /// <returns>Whether there are any.</returns>
    public static bool TryCreate([NotNullWhen(true)] out EmittedKernels? kernels, [NotNullWhen(false)] out string? reason)
    {
        kernels = null;
        if (!ProcessorFeatures.Avx512Vnni && !ProcessorFeatures.Avx512BFloat16)
        {
            reason = "the processor has neither AVX512_VNNI nor AVX512_BF16";
            return false;
        }

        var code = new Assembler();
        var emitter = new TileEmitter(code, OperatingSystem.IsWindows());
        emitter.SavedStates();
        int[]? int8 = ProcessorFeatures.Avx512Vnni ? Emit(code, emitter.Int8) : null;
        int[]? bfloat16 = ProcessorFeatures.Avx512BFloat16 ? Emit(code, emitter.BFloat16) : null;
        ExecutableMemory memory;
        try
        {
            memory = ExecutableMemory.Create(code.ToArray());
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

        kernels = new EmittedKernels(memory, int8, bfloat16);
        reason = null;
        return true;
    }

    /// <summary>Runs 8-bit tiles over some rows. All arguments are set but those of tiles.</summary>
    public void Int8(int rows, bool add, ref TileArguments arguments) => Run(_int8, rows, add, ref arguments);

    /// <summary>Runs bfloat16 tiles over some rows. All arguments are set but those of tiles.</summary>
    public void BFloat16(int rows, bool add, ref TileArguments arguments) => Run(_bfloat16, rows, add, ref arguments);

    /// <summary>Frees the code; nobody may be running it.</summary>
    public void Dispose() => _memory.Dispose();

    private static int[] Emit(Assembler code, Action<int, bool> emit)
    {
        var places = new int[2 * TileEmitter.MaxRows];
        for (int i = 0; i < places.Length; i++)
        {
            code.Align(64);
            places[i] = code.Position;
            emit((i % TileEmitter.MaxRows) + 1, i >= TileEmitter.MaxRows);
        }

        return places;
    }

    // Tiles of nearly equal height: 9 rows take less time as 5 + 4 than as 8 + 1.
    private void Run(nint[] functions, int rows, bool add, ref TileArguments arguments)
    {
        int tiles = (rows + TileEmitter.MaxRows - 1) / TileEmitter.MaxRows;
        int height = rows / tiles, higher = rows % tiles;
        fixed (TileArguments* pointer = &arguments)
        {
            Call(functions, height + 1, higher, add, pointer);
            Call(functions, height, tiles - higher, add, pointer);
        }

        GC.KeepAlive(_memory);
    }

    private static void Call(nint[] functions, int rows, int tiles, bool add, TileArguments* arguments)
    {
        if (tiles == 0)
        {
            return;
        }

        arguments->TileStride = rows * arguments->InputStride;
        arguments->Tiles = tiles;
        nint function = functions[rows - 1 + (add ? TileEmitter.MaxRows : 0)];
        ((delegate* unmanaged<TileArguments*, void>)function)(arguments);
    }
}
