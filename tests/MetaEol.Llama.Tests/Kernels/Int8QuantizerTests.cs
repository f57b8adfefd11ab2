using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Kernels;

public unsafe class Int8QuantizerTests
{
    [Fact]
    public void Quantize_IntoBytes_EqualsIntoShorts()
    {
        var random = new Random(1);
        float[] special = [0f, -0f, 1e-36f, 1e-35f, 1e-40f, 3e38f, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        for (int count = 1; count <= 130; count++)
        {
            for (int trial = 0; trial < 20; trial++)
            {
                // Halves of the scale, so that there are ties; now and then a number out of the ordinary.
                float unit = MathF.ScaleB(1, random.Next(-20, 20));
                float[] numbers = [.. Enumerable.Range(0, count).Select(_ => random.Next(-254, 255) * unit / 2)];
                numbers[random.Next(count)] = 127 * unit;
                if (trial % 4 == 3)
                {
                    numbers[random.Next(count)] = special[random.Next(special.Length)];
                }

                short[] expected = new short[count];
                sbyte[] found = new sbyte[count];
                using GuardedMemory source = GuardedMemory.Of<float>(numbers), target = GuardedMemory.Of<sbyte>(found);
                fixed (short* shorts = expected)
                {
                    float expectedScale = Int8Quantizer.Quantize((float*)source.Data, count, shorts, out int expectedSum);
                    float scale = Int8Quantizer.Quantize((float*)source.Data, count, (sbyte*)target.Data, out int sum);
                    Assert.Equal(BitConverter.SingleToInt32Bits(expectedScale), BitConverter.SingleToInt32Bits(scale));
                    Assert.Equal(expectedSum, sum);
                }

                Assert.Equal(expected.Select(number => (sbyte)number), target.AsSpan<sbyte>(count).ToArray());
            }
        }
    }
}
