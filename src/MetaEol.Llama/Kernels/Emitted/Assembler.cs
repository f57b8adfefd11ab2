using System.Buffers.Binary;
using System.Numerics;

namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>Writes the machine code of the few x64 instructions that the register tiles consist of.</summary>
/// <remarks>
/// Vector registers are numbered 0 to 31. Encodings are those of Intel's Software Developer's Manual, volume 2; the tests hold every instruction, register and displacement
/// against an independent disassembler.
/// </remarks>
internal sealed class Assembler
{
    private const int Map0F = 1, Map0F38 = 2;
    private const int PrefixNone = 0, Prefix66 = 1, PrefixF3 = 2;
    private const int Bits128 = 0, Bits512 = 2;

    private readonly List<byte> _code = [];

    /// <summary>Bytes written so far: the place of the next instruction.</summary>
    public int Position => _code.Count;

    /// <summary>The code.</summary>
    public byte[] ToArray() => [.. _code];

    /// <summary>Fills up with one-byte no-operations to a multiple of <paramref name="alignment"/>.</summary>
    public void Align(int alignment)
    {
        while (_code.Count % alignment != 0)
        {
            _code.Add(0x90);
        }
    }

    /// <summary>endbr64: marks where an indirect call may land.</summary>
    public void EndBranch() => _code.AddRange([0xF3, 0x0F, 0x1E, 0xFA]);

    /// <summary>ret.</summary>
    public void Return() => _code.Add(0xC3);

    /// <summary>vzeroupper.</summary>
    public void ZeroUpper() => _code.AddRange([0xC5, 0xF8, 0x77]);

    /// <summary>xgetbv: the extended control register that ecx names, into edx:eax.</summary>
    public void ReadExtendedControl() => _code.AddRange([0x0F, 0x01, 0xD0]);

    /// <summary>mov destination, source.</summary>
    public void Move(Gpr destination, Gpr source) => Integer(0x89, (int)source, (int)destination);

    /// <summary>mov destination, [source].</summary>
    public void Load(Gpr destination, Address source) => Integer(0x8B, (int)destination, source);

    /// <summary>mov [destination], source.</summary>
    public void Store(Address destination, Gpr source) => Integer(0x89, (int)source, destination);

    /// <summary>lea destination, [source].</summary>
    public void LoadAddress(Gpr destination, Address source) => Integer(0x8D, (int)destination, source);

    /// <summary>xor register, register.</summary>
    public void Clear(Gpr register) => Integer(0x31, (int)register, (int)register);

    /// <summary>add destination, [source].</summary>
    public void Add(Gpr destination, Address source) => Integer(0x03, (int)destination, source);

    /// <summary>add destination, value.</summary>
    public void Add(Gpr destination, int value)
    {
        bool small = value is >= sbyte.MinValue and <= sbyte.MaxValue;
        Integer(small ? 0x83 : 0x81, 0, (int)destination);
        if (small)
        {
            _code.Add((byte)value);
        }
        else
        {
            Int32(value);
        }
    }

    /// <summary>dec register.</summary>
    public void Decrement(Gpr register) => Integer(0xFF, 1, (int)register);

    /// <summary>dec qword ptr [address].</summary>
    public void Decrement(Address address) => Integer(0xFF, 1, address);

    /// <summary>shl register, count.</summary>
    public void ShiftLeft(Gpr register, int count)
    {
        Integer(0xC1, 4, (int)register);
        _code.Add((byte)count);
    }

    /// <summary>or destination, source.</summary>
    public void Or(Gpr destination, Gpr source) => Integer(0x09, (int)source, (int)destination);

    /// <summary>jnz to a place before this instruction.</summary>
    public void JumpIfNotZero(int target)
    {
        _code.AddRange([0x0F, 0x85]);
        Int32(target - (Position + sizeof(int)));
    }

    /// <summary>prefetcht0 [address].</summary>
    public void Prefetch(Address address)
    {
        int index = address.Index is { } used ? (int)used : 0;
        _code.AddRange([(byte)(0x40 | ((index >> 3) << 1) | ((int)address.Base >> 3)), 0x0F, 0x18]);
        Operand(1, address, 1);
    }

    /// <summary>vpxord destination, destination, destination: all zeros.</summary>
    public void ClearVector(int destination) => Vector(Map0F, Prefix66, wide: false, 0xEF, Bits512, destination, destination, destination);

    /// <summary>vmovdqa64 destination, source.</summary>
    public void MoveVector(int destination, int source) => Vector(Map0F, Prefix66, wide: true, 0x6F, Bits512, destination, 0, source);

    /// <summary>vmovups zmm, [source].</summary>
    public void LoadVector(int destination, Address source) => Vector(Map0F, PrefixNone, wide: false, 0x10, Bits512, destination, 0, source, 64);

    /// <summary>vmovups [destination], zmm.</summary>
    public void StoreVector(Address destination, int source) => Vector(Map0F, PrefixNone, wide: false, 0x11, Bits512, source, 0, destination, 64);

    /// <summary>vmovups xmm, [source].</summary>
    public void LoadQuarter(int destination, Address source) => Vector(Map0F, PrefixNone, wide: false, 0x10, Bits128, destination, 0, source, 16);

    /// <summary>vmovups [destination], xmm.</summary>
    public void StoreQuarter(Address destination, int source) => Vector(Map0F, PrefixNone, wide: false, 0x11, Bits128, source, 0, destination, 16);

    /// <summary>vpbroadcastd zmm, dword ptr [source].</summary>
    public void Broadcast(int destination, Address source) => Vector(Map0F38, Prefix66, wide: false, 0x58, Bits512, destination, 0, source, 4);

    /// <summary>vpdpbusd: sum += the four products of unsigned bytes of <paramref name="unsigned"/> and signed ones of <paramref name="signed"/> in each lane.</summary>
    public void DotBytes(int sum, int unsigned, int signed) => Vector(Map0F38, Prefix66, wide: false, 0x50, Bits512, sum, unsigned, signed);

    /// <summary>vdpbf16ps: sum += the two products of bfloat16 in each lane.</summary>
    public void DotBFloat16(int sum, int left, int right) => Vector(Map0F38, PrefixF3, wide: false, 0x52, Bits512, sum, left, right);

    /// <summary>vcvtdq2ps destination, source: int32 to float32.</summary>
    public void ToSingle(int destination, int source) => Vector(Map0F, PrefixNone, wide: false, 0x5B, Bits512, destination, 0, source);

    /// <summary>vmulps destination, left, right.</summary>
    public void Multiply(int destination, int left, int right) => Vector(Map0F, PrefixNone, wide: false, 0x59, Bits512, destination, left, right);

    /// <summary>vfmadd213ps: factor = factor · other + [addend], rounded once.</summary>
    public void MultiplyAdd(int factor, int other, Address addend) => Vector(Map0F38, Prefix66, wide: false, 0xA8, Bits512, factor, other, addend, 64);

    // REX.W, opcode, register operand.
    private void Integer(int opcode, int register, int operand)
    {
        _code.AddRange([(byte)(0x48 | ((register >> 3) << 2) | (operand >> 3)), (byte)opcode, (byte)(0xC0 | ((register & 7) << 3) | (operand & 7))]);
    }

    private void Integer(int opcode, int register, Address address)
    {
        int index = address.Index is { } used ? (int)used : 0;
        _code.AddRange([(byte)(0x48 | ((register >> 3) << 2) | ((index >> 3) << 1) | ((int)address.Base >> 3)), (byte)opcode]);
        Operand(register, address, 1);
    }

    private void Vector(int map, int prefix, bool wide, int opcode, int length, int register, int second, int operand)
    {
        Evex(map, prefix, wide, length, register, second, operand >> 3, operand >> 4);
        _code.AddRange([(byte)opcode, (byte)(0xC0 | ((register & 7) << 3) | (operand & 7))]);
    }

    private void Vector(int map, int prefix, bool wide, int opcode, int length, int register, int second, Address address, int unit)
    {
        int index = address.Index is { } used ? (int)used : 0;
        Evex(map, prefix, wide, length, register, second, (int)address.Base >> 3, index >> 3);
        _code.Add((byte)opcode);
        Operand(register, address, unit);
    }

    // The four bytes of EVEX. Register numbers are spread over them, inverted.
    private void Evex(int map, int prefix, bool wide, int length, int register, int second, int b, int x)
    {
        int Not(int bit) => ~bit & 1;
        _code.AddRange(
        [
            0x62,
            (byte)((Not(register >> 3) << 7) | (Not(x) << 6) | (Not(b) << 5) | (Not(register >> 4) << 4) | map),
            (byte)((wide ? 0x80 : 0) | ((~second & 15) << 3) | 4 | prefix),
            (byte)((length << 5) | (Not(second >> 4) << 3)),
        ]);
    }

    // ModRM, SIB and displacement. One byte of displacement counts units: 1 byte, or for vectors the bytes of the operand.
    private void Operand(int register, Address address, int unit)
    {
        int number = (int)address.Base & 7;
        bool indexed = address.Index is not null;
        int units = address.Displacement / unit;
        bool small = address.Displacement % unit == 0 && units is >= sbyte.MinValue and <= sbyte.MaxValue;

        // Without a displacement, base 5 (rbp, r13) would mean an address of its own; base 4 (rsp, r12) always needs the SIB byte.
        int mode = address.Displacement == 0 && number != 5 ? 0 : small ? 1 : 2;
        bool sib = indexed || number == 4;
        _code.Add((byte)((mode << 6) | ((register & 7) << 3) | (sib ? 4 : number)));
        if (sib)
        {
            int index = indexed ? (int)address.Index!.Value & 7 : 4;
            _code.Add((byte)((BitOperations.Log2((uint)address.Scale) << 6) | (index << 3) | number));
        }

        if (mode == 1)
        {
            _code.Add((byte)units);
        }
        else if (mode == 2)
        {
            Int32(address.Displacement);
        }
    }

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes);
    }
}
