using Iced.Intel;
using MetaEol.Llama.Kernels.Emitted;
using Assembler = MetaEol.Llama.Kernels.Emitted.Assembler;

namespace MetaEol.Llama.Tests.Kernels.Emitted;

/// <summary>Every instruction of the assembler, read back by an independent disassembler, for every register and every kind of address.</summary>
public class AssemblerTests
{
    private static readonly Gpr[] Registers = Enum.GetValues<Gpr>();

    private static readonly int[] Displacements =
    [
        0, 1, -1, 4, -4, 16, 64, -64, 100, 127, 128, -128, -129, 192, 508, 512, -512, -516, 2032, 2048, -2048, 8128, 8192, -8192, -8256, 9216, int.MaxValue, int.MinValue,
    ];

    [Fact]
    public void IntegerInstructions_EveryRegister_AreReadBack()
    {
        foreach (Gpr one in Registers)
        {
            foreach (Gpr other in Registers)
            {
                Check(code => code.Move(one, other), Code.Mov_rm64_r64, Register(one), Register(other));
                Check(code => code.Or(one, other), Code.Or_rm64_r64, Register(one), Register(other));
            }

            Check(code => code.Clear(one), Code.Xor_rm64_r64, Register(one), Register(one));
            Check(code => code.Decrement(one), Code.Dec_rm64, Register(one));
            Check(code => code.ShiftLeft(one, 32), Code.Shl_rm64_imm8, Register(one), null, 32);
            foreach (int value in (int[])[0, 1, 4, 127, 128, -128, -129, 192, 1536, int.MaxValue, int.MinValue])
            {
                Check(code => code.Add(one, value), value is >= -128 and <= 127 ? Code.Add_rm64_imm8 : Code.Add_rm64_imm32, Register(one), null, value);
            }
        }
    }

    [Fact]
    public void SingleInstructions_AreReadBack()
    {
        Check(code => code.EndBranch(), Code.Endbr64);
        Check(code => code.Return(), Code.Retnq);
        Check(code => code.ZeroUpper(), Code.VEX_Vzeroupper);
        Check(code => code.ReadExtendedControl(), Code.Xgetbv);
    }

    [Fact]
    public void IntegerInstructions_EveryAddress_AreReadBack()
    {
        var random = new Random(1);
        foreach (Address address in Addresses())
        {
            Gpr register = Registers[random.Next(16)];
            Check(code => code.Load(register, address), Code.Mov_r64_rm64, Register(register), address);
            Check(code => code.Store(address, register), Code.Mov_rm64_r64, Register(register), address);
            Check(code => code.LoadAddress(register, address), Code.Lea_r64_m, Register(register), address);
            Check(code => code.Add(register, address), Code.Add_r64_rm64, Register(register), address);
            Check(code => code.Decrement(address), Code.Dec_rm64, Iced.Intel.Register.None, address);
            Check(code => code.Prefetch(address), Code.Prefetcht0_m8, Iced.Intel.Register.None, address);
        }
    }

    [Fact]
    public void VectorInstructions_EveryRegister_AreReadBack()
    {
        for (int one = 0; one < 32; one++)
        {
            Check(code => code.ClearVector(one), Code.EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32, Zmm(one), Zmm(one), Zmm(one));
            for (int other = 0; other < 32; other++)
            {
                Check(code => code.MoveVector(one, other), Code.EVEX_Vmovdqa64_zmm_k1z_zmmm512, Zmm(one), Zmm(other));
                Check(code => code.ToSingle(one, other), Code.EVEX_Vcvtdq2ps_zmm_k1z_zmmm512b32_er, Zmm(one), Zmm(other));
                for (int third = 0; third < 32; third++)
                {
                    Check(code => code.DotBytes(one, other, third), Code.EVEX_Vpdpbusd_zmm_k1z_zmm_zmmm512b32, Zmm(one), Zmm(other), Zmm(third));
                    Check(code => code.DotBFloat16(one, other, third), Code.EVEX_Vdpbf16ps_zmm_k1z_zmm_zmmm512b32, Zmm(one), Zmm(other), Zmm(third));
                    Check(code => code.Multiply(one, other, third), Code.EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er, Zmm(one), Zmm(other), Zmm(third));
                }
            }
        }
    }

    [Fact]
    public void VectorInstructions_EveryAddress_AreReadBack()
    {
        var random = new Random(2);
        foreach (Address address in Addresses())
        {
            for (int register = random.Next(3); register < 32; register += random.Next(1, 6))
            {
                int second = random.Next(32);
                Check(code => code.LoadVector(register, address), Code.EVEX_Vmovups_zmm_k1z_zmmm512, Zmm(register), address);
                Check(code => code.StoreVector(address, register), Code.EVEX_Vmovups_zmmm512_k1z_zmm, Zmm(register), address);
                Check(code => code.LoadQuarter(register, address), Code.EVEX_Vmovups_xmm_k1z_xmmm128, Xmm(register), address);
                Check(code => code.StoreQuarter(address, register), Code.EVEX_Vmovups_xmmm128_k1z_xmm, Xmm(register), address);
                Check(code => code.Broadcast(register, address), Code.EVEX_Vpbroadcastd_zmm_k1z_xmmm32, Zmm(register), address);
                Instruction added = Check(code => code.MultiplyAdd(register, second, address), Code.EVEX_Vfmadd213ps_zmm_k1z_zmm_zmmm512b32_er, Zmm(register), address);
                Assert.Equal(Zmm(second), added.Op1Register);
            }
        }
    }

    [Fact]
    public void JumpIfNotZero_Backwards_LandsThere()
    {
        foreach (int distance in (int[])[0, 1, 122, 123, 5000])
        {
            var code = new Assembler();
            code.Return();
            int target = code.Position;
            for (int i = 0; i < distance; i++)
            {
                code.Return();
            }

            int place = code.Position;
            code.JumpIfNotZero(target);
            Instruction jump = Decode(code.ToArray(), place);
            Assert.Equal(Code.Jne_rel32_64, jump.Code);
            Assert.Equal((ulong)target, jump.NearBranch64);
        }
    }

    [Fact]
    public void Align_FillsUpWithNoOperations()
    {
        var code = new Assembler();
        code.Return();
        code.Align(64);
        Assert.Equal(64, code.Position);
        Assert.Equal(Enumerable.Repeat((byte)0x90, 63), code.ToArray().Skip(1));
    }

    private static IEnumerable<Address> Addresses()
    {
        foreach (Gpr address in Registers)
        {
            foreach (int displacement in Displacements)
            {
                yield return new Address(address, displacement);
                foreach (Gpr index in Registers.Where(register => register != Gpr.Rsp))
                {
                    foreach (int scale in (int[])[1, 2, 4, 8])
                    {
                        yield return new Address(address, displacement, index, scale);
                    }
                }
            }
        }
    }

    private static Instruction Check(Action<Assembler> write, Code code, Register first, Address address)
    {
        Instruction instruction = Check(write, code);
        if (first != Iced.Intel.Register.None)
        {
            Assert.Equal(first, instruction.Op0Kind == OpKind.Memory ? instruction.Op1Register : instruction.Op0Register);
        }

        Assert.Equal(Register(address.Base), instruction.MemoryBase);
        Assert.Equal(address.Index is { } index ? Register(index) : Iced.Intel.Register.None, instruction.MemoryIndex);
        Assert.Equal(address.Index is null ? 1 : address.Scale, instruction.MemoryIndexScale);
        Assert.Equal(address.Displacement, (long)instruction.MemoryDisplacement64);
        Assert.False(instruction.IsBroadcast);
        return instruction;
    }

    private static void Check(Action<Assembler> write, Code code, Register first, Register? second = null, int? value = null)
    {
        Instruction instruction = Check(write, code);
        Assert.Equal(first, instruction.Op0Register);
        Assert.True(second is null || instruction.Op1Register == second);
        Assert.True(value is null || (long)instruction.GetImmediate(1) == value);
    }

    private static void Check(Action<Assembler> write, Code code, Register first, Register second, Register third)
    {
        Instruction instruction = Check(write, code);
        Assert.Equal([first, second, third], [instruction.Op0Register, instruction.Op1Register, instruction.Op2Register]);
    }

    private static Instruction Check(Action<Assembler> write, Code code)
    {
        var assembler = new Assembler();
        write(assembler);
        Instruction instruction = Decode(assembler.ToArray(), 0);
        Assert.Equal(code, instruction.Code);
        Assert.Equal(assembler.Position, instruction.Length);
        Assert.False(instruction.HasOpMask);
        Assert.False(instruction.ZeroingMasking);
        return instruction;
    }

    private static Instruction Decode(byte[] code, int place)
    {
        var reader = new ByteArrayCodeReader(code) { Position = place };
        var decoder = Decoder.Create(64, reader, (ulong)place);
        return decoder.Decode();
    }

    private static Register Register(Gpr register) => Iced.Intel.Register.RAX + (int)register;

    private static Register Zmm(int register) => Iced.Intel.Register.ZMM0 + register;

    private static Register Xmm(int register) => Iced.Intel.Register.XMM0 + register;
}
