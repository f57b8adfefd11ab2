using MetaEol.Llama.Kernels;

namespace MetaEol.Llama.Tests.Kernels;

public unsafe class BFloat16RoundingTests
{
    [Theory]
    [InlineData(0x3F80_0000u, 0x3F80)]
    [InlineData(0x3F80_7FFFu, 0x3F80)]
    [InlineData(0x3F80_8000u, 0x3F80)]
    [InlineData(0x3F80_8001u, 0x3F81)]
    [InlineData(0x3F81_8000u, 0x3F82)]
    [InlineData(0xBF81_8000u, 0xBF82)]
    [InlineData(0x7F7F_FFFFu, 0x7F80)]
    [InlineData(0x7F80_0000u, 0x7F80)]
    [InlineData(0xFF80_0000u, 0xFF80)]
    [InlineData(0x7F80_0001u, 0x7FC0)]
    [InlineData(0xFFFF_FFFFu, 0xFFFF)]
    [InlineData(0x8000_0000u, 0x8000)]
    [InlineData(0x0000_8001u, 0x0001)]
    public void Round_TiesInfinitiesAndNaN_AsIeeeSays(uint bits, int expected) => Assert.Equal(expected, BFloat16Rounding.Round(BitConverter.UInt32BitsToSingle(bits)));

    [Fact]
    public void Round_ManyNumbers_EqualsOneByOne()
    {
        var random = new Random(1);
        for (int count = 0; count < 100; count++)
        {
            uint[] bits = [.. Enumerable.Range(0, count).Select(_ => (uint)random.NextInt64(1L << 32))];
            ushort[] found = new ushort[count];
            fixed (uint* source = bits)
            fixed (ushort* target = found)
            {
                BFloat16Rounding.Round((float*)source, count, target);
            }

            Assert.Equal(bits.Select(value => BFloat16Rounding.Round(BitConverter.UInt32BitsToSingle(value))), found);
        }
    }
}
