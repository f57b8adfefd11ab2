using System.Globalization;
using Iced.Intel;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Kernels.Emitted;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Kernels.Emitted;

[Collection(nameof(RunAlone))]
public unsafe class EmittedKernelsTests
{
    [SkippableFact]
    public void Int8_EveryHeightAndOddDepths_EqualsPlainSums()
    {
        using EmittedKernels kernels = Create(kernels => kernels.HasInt8, "AVX512_VNNI");
        var random = new Random(1);
        for (int rows = 1; rows <= 40; rows++)
        {
            foreach (int steps in (int[])[1, 2, 3, random.Next(4, 40)])
            {
                CheckInt8((bool add, ref TileArguments arguments) => kernels.Int8(rows, add, ref arguments), random, rows, steps);
            }
        }
    }

    [SkippableFact]
    public void BFloat16_EveryHeightAndOddDepths_EqualsPlainSums()
    {
        using EmittedKernels kernels = Create(kernels => kernels.HasBFloat16, "AVX512_BF16");
        var random = new Random(2);
        for (int rows = 1; rows <= 40; rows++)
        {
            foreach (int steps in (int[])[1, 2, 3, random.Next(4, 40)])
            {
                CheckBFloat16((bool add, ref TileArguments arguments) => kernels.BFloat16(rows, add, ref arguments), random, rows, steps);
            }
        }
    }

    [SkippableFact]
    public void WindowsConvention_CalledWithThatRegister_ComputesTheSame()
    {
        Create(kernels => kernels.HasInt8 && kernels.HasBFloat16, "AVX512_VNNI and AVX512_BF16").Dispose();
        Skip.If(OperatingSystem.IsWindows(), "Windows' own convention is what all other tests run there.");
        TileCode code = TileCode.Emit(windows: true);
        using ExecutableMemory memory = ExecutableMemory.Create(code.Bytes);
        var random = new Random(3);
        for (int rows = 1; rows <= TileEmitter.MaxRows; rows++)
        {
            // System V passes the fourth argument where Windows passes the first.
            void Call(int[] places, bool add, ref TileArguments arguments)
            {
                arguments.Tiles = 1;
                arguments.TileStride = 0;
                fixed (TileArguments* pointer = &arguments)
                {
                    ((delegate* unmanaged<nint, nint, nint, TileArguments*, void>)(memory.Start + places[TileCode.IndexOf(rows, add)]))(0, 0, 0, pointer);
                }
            }

            CheckInt8((bool add, ref TileArguments arguments) => Call(code.Int8, add, ref arguments), random, rows, 7);
            CheckBFloat16((bool add, ref TileArguments arguments) => Call(code.BFloat16, add, ref arguments), random, rows, 7);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Code_EitherConvention_KeepsWhatTheCallerWantsBack(bool windows)
    {
        // Of the general-purpose registers, those that both conventions leave to the callee; the stack pointer only by the return itself.
        Register[] free = [Register.RAX, Register.RCX, Register.RDX, Register.R8, Register.R9, Register.R10, Register.R11, Register.RDI];
        TileCode code = TileCode.Emit(windows);
        foreach (int place in code.Int8.Concat(code.BFloat16))
        {
            var saved = new List<Register>();
            var restored = new List<Register>();
            var written = new HashSet<Register>();
            foreach (Instruction instruction in Instructions(code.Bytes, place))
            {
                foreach (UsedRegister used in new InstructionInfoFactory().GetInfo(instruction).GetUsedRegisters())
                {
                    Register full = used.Register.GetFullRegister();
                    bool writes = used.Access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite;
                    Assert.True(!full.IsGPR64() || full is Register.RSP || free.Contains(full), $"{instruction} uses {full}");
                    Assert.False(writes && full is Register.RDI);
                    Assert.False(instruction.Code != Code.Retnq && full is Register.RSP);
                    if (writes && full.IsZMM() && instruction.Code != Code.VEX_Vzeroupper)
                    {
                        written.Add(full);
                    }
                }

                if (instruction.Code == Code.EVEX_Vmovups_xmmm128_k1z_xmm)
                {
                    Assert.DoesNotContain(instruction.Op1Register.GetFullRegister(), written);
                    saved.Add(instruction.Op1Register);
                }
                else if (instruction.Code == Code.EVEX_Vmovups_xmm_k1z_xmmm128)
                {
                    restored.Add(instruction.Op0Register);
                }
            }

            Assert.Equal(windows ? Enumerable.Range(6, 10).Select(register => Register.XMM0 + register) : [], saved);
            Assert.Equal(saved, restored);
        }
    }

    [SkippableTheory]
    [InlineData(Precision.Int8, WeightType.BFloat16)]
    [InlineData(Precision.Int8, WeightType.Float16)]
    [InlineData(Precision.BFloat16, WeightType.BFloat16)]
    [InlineData(Precision.BFloat16, WeightType.Float16)]
    [InlineData(Precision.BFloat16, WeightType.Float32)]
    public void Multiply_RandomShapes_EqualsReferenceBitByBit(Precision precision, WeightType type)
    {
        using EmittedKernels kernels = Create(precision);
        LinearTrials.Run(new Random(600 + (int)precision + (int)type), type, trials: 40, new LinearFactory(precision, kernels).Create, Reference(precision));
    }

    [SkippableTheory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.BFloat16)]
    public void Multiply_EveryNumberOfRows_EqualsReferenceBitByBit(Precision precision)
    {
        using EmittedKernels kernels = Create(precision);
        var random = new Random(700);
        for (int rows = 1; rows <= 40; rows++)
        {
            LinearTrials.RunOne(random, rows, inputs: (2 * random.Next(1, 150)) + 1, outputs: (2 * random.Next(1, 60)) + 1, new LinearFactory(precision, kernels).Create, Reference(precision));
        }
    }

    [SkippableFact]
    public void BFloat16_SubnormalAndLargeNumbers_EqualReferenceBitByBit()
    {
        using EmittedKernels kernels = Create(Precision.BFloat16);
        float[] numbers = [0f, -0f, 1e-39f, -1e-39f, 1.2e-38f, 2e-38f, 1e-20f, -1e-19f, 3e38f, -3e38f, 1e19f, 1f, -1f, float.PositiveInfinity, float.NaN, 7e-20f];
        const int Inputs = 5, Outputs = 50, Rows = 400;
        var random = new Random(4);
        using var matrix = new TestMatrix(WeightType.Float32, Outputs, Inputs, (_, _) => numbers[random.Next(numbers.Length)]);
        var weights = new LinearWeights([matrix.Matrix], [null]);
        float[] x = [.. Enumerable.Range(0, Rows * Inputs).Select(_ => numbers[random.Next(numbers.Length)])];
        float[] expected = new float[Rows * Outputs], actual = new float[Rows * Outputs];
        using var pool = new WorkerPool(1);
        using Linear linear = new LinearFactory(Precision.BFloat16, kernels).Create(weights);
        fixed (float* px = x, pe = expected, pa = actual)
        {
            MatrixProduct.ReferenceBFloat16(weights, px, Inputs, Rows, pe, Outputs, false);
            linear.Multiply(pool, px, Inputs, Rows, pa, Outputs, false);
        }

        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(float.IsNaN(expected[i]) ? float.IsNaN(actual[i]) : BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{i}: {actual[i]:R} instead of {expected[i]:R}");
        }
    }

    [SkippableFact]
    public void Create_TenThousandTimes_LeavesNoMapping()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Mappings are counted where the system lists them as files.");
        Create(_ => true, "emitted kernels").Dispose();
        int before = ExecutableMappings().Count;
        for (int i = 0; i < 10_000; i++)
        {
            Create(_ => true, "emitted kernels").Dispose();
        }

        Assert.InRange(ExecutableMappings().Count, 0, before);
    }

    [SkippableFact]
    public void Memory_OnceExecutable_IsNotWritable()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Protections are read where the system lists them as files.");
        using ExecutableMemory memory = ExecutableMemory.Create([0xC3]);
        (_, string protection) = Assert.Single(ExecutableMappings(), mapping => mapping.Start == (ulong)memory.Start);
        Assert.Equal("r-xp", protection);
        ((delegate* unmanaged<void>)memory.Start)();
    }

    [SkippableFact]
    public void TryCreate_MemoryMayNotBeExecutable_TellsWhy()
    {
        Create(_ => true, "emitted kernels").Dispose();
        Assert.False(EmittedKernels.TryCreate(_ => throw new PlatformNotSupportedException("It was refused."), out EmittedKernels? kernels, out string? reason));
        Assert.Null(kernels);
        Assert.Equal("It was refused.", reason);
    }

    private static LinearTrials.Reference Reference(Precision precision) => precision == Precision.Int8 ? MatrixProduct.ReferenceInt8 : MatrixProduct.ReferenceBFloat16;

    private static EmittedKernels Create(Precision precision) => precision == Precision.Int8
        ? Create(kernels => kernels.HasInt8, "AVX512_VNNI")
        : Create(kernels => kernels.HasBFloat16, "AVX512_BF16");

    private static EmittedKernels Create(Func<EmittedKernels, bool> has, string what)
    {
        bool created = EmittedKernels.TryCreate(out EmittedKernels? kernels, out string? reason);
        Skip.IfNot(created && has(kernels!), $"This machine has no {what}{(reason is null ? "" : $": {reason}")}.");
        return kernels!;
    }

    private static void CheckInt8(Call call, Random random, int rows, int steps)
    {
        byte[] weights = new byte[steps * TileEmitter.Width * 4];
        sbyte[] inputs = new sbyte[rows * steps * 4];
        random.NextBytes(weights);
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(inputs.AsSpan()));
        float[] weightScales = LinearTrials.Numbers(random, TileEmitter.Width), inputScales = LinearTrials.Numbers(random, rows);
        int[] starts = [.. Enumerable.Range(0, rows).Select(_ => random.Next(-100_000, 100_000))];
        float[] sums = LinearTrials.Numbers(random, rows * TileEmitter.Width);
        foreach (bool add in (bool[])[false, true])
        {
            float[] expected = [.. sums];
            for (int i = 0; i < expected.Length; i++)
            {
                int row = i / TileEmitter.Width, output = i % TileEmitter.Width, sum = starts[row];
                for (int k = 0; k < steps * 4; k++)
                {
                    sum += weights[(k / 4 * TileEmitter.Width * 4) + (output * 4) + (k % 4)] * inputs[(row * steps * 4) + k];
                }

                float scale = inputScales[row] * weightScales[output];
                expected[i] = add ? MathF.FusedMultiplyAdd(sum, scale, expected[i]) : sum * scale;
            }

            using GuardedMemory w = GuardedMemory.Of<byte>(weights), x = GuardedMemory.Of<sbyte>(inputs), c = GuardedMemory.Of<float>(sums);
            using GuardedMemory ws = GuardedMemory.Of<float>(weightScales), xs = GuardedMemory.Of<float>(inputScales), s = GuardedMemory.Of<int>(starts);
            using var memory = new GuardedMemory(sizeof(TileArguments));
            ref TileArguments arguments = ref *(TileArguments*)memory.Data;
            arguments = new TileArguments { Weights = w.Data, Inputs = x.Data, InputStride = steps * 4, Steps = steps, Sums = (float*)c.Data, WeightScales = (float*)ws.Data, InputScales = (float*)xs.Data, Starts = (int*)s.Data };
            call(add, ref arguments);
            AssertSameBits(expected, c.AsSpan<float>(expected.Length), $"{rows} rows, {steps} steps, add {add}");
        }
    }

    private static void CheckBFloat16(Call call, Random random, int rows, int steps)
    {
        ushort[] weights = [.. LinearTrials.Numbers(random, steps * TileEmitter.Width * 2).Select(BFloat16Rounding.Round)];
        ushort[] inputs = [.. LinearTrials.Numbers(random, rows * steps * 2).Select(BFloat16Rounding.Round)];
        float[] sums = LinearTrials.Numbers(random, rows * TileEmitter.Width);
        foreach (bool add in (bool[])[false, true])
        {
            float[] expected = [.. sums];
            for (int i = 0; i < expected.Length; i++)
            {
                int row = i / TileEmitter.Width, output = i % TileEmitter.Width;
                float sum = add ? expected[i] : 0;
                for (int step = 0; step < steps; step++)
                {
                    for (int second = 1; second >= 0; second--)
                    {
                        float weight = BFloat16Rounding.Widen(weights[(((step * TileEmitter.Width) + output) * 2) + second]);
                        sum = MathF.FusedMultiplyAdd(BFloat16Rounding.Widen(inputs[(((row * steps) + step) * 2) + second]), weight, sum);
                    }
                }

                expected[i] = sum;
            }

            using GuardedMemory w = GuardedMemory.Of<ushort>(weights), x = GuardedMemory.Of<ushort>(inputs), c = GuardedMemory.Of<float>(sums);
            using var memory = new GuardedMemory(sizeof(TileArguments));
            ref TileArguments arguments = ref *(TileArguments*)memory.Data;
            arguments = new TileArguments { Weights = w.Data, Inputs = x.Data, InputStride = steps * 4, Steps = steps, Sums = (float*)c.Data };
            call(add, ref arguments);
            AssertSameBits(expected, c.AsSpan<float>(expected.Length), $"{rows} rows, {steps} steps, add {add}");
        }
    }

    private static void AssertSameBits(float[] expected, Span<float> actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{what}, number {i}: {actual[i]:R} instead of {expected[i]:R}");
        }
    }

    private static IEnumerable<Instruction> Instructions(byte[] code, int place)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code) { Position = place });
        Instruction instruction;
        do
        {
            instruction = decoder.Decode();
            Assert.NotEqual(Code.INVALID, instruction.Code);
            yield return instruction;
        }
        while (instruction.Code != Code.Retnq);
    }

    private static List<(ulong Start, string Protection)> ExecutableMappings() =>
        [.. File.ReadLines("/proc/self/maps")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 5 && fields[1].Contains('x', StringComparison.Ordinal))
            .Select(fields => (ulong.Parse(fields[0].Split('-')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), fields[1]))];

    private delegate void Call(bool add, ref TileArguments arguments);
}
