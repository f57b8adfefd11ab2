using MetaEol.Llama.Tests.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Weights;

public class WeightMatrixTests
{
    [Theory]
    [InlineData(WeightType.Float32)]
    [InlineData(WeightType.Float16)]
    [InlineData(WeightType.BFloat16)]
    public void ReadRow_EveryType_WidensExactly(WeightType type)
    {
        // Powers of two from the smallest subnormal of float16 on, in every type exact.
        static float Value(int row, int column) => (float)Math.ScaleB(row % 2 == 0 ? 1 : -1, (column % 39) - 24) * (column % 39 == 0 && row == 0 ? 0 : 1);
        using var test = new TestMatrix(type, 5, 77, Value);
        for (int row = 0; row < 5; row++)
        {
            float[] found = new float[80];
            test.Matrix.ReadRow(row, found);
            Assert.Equal(Enumerable.Range(0, 77).Select(column => Value(row, column)).Concat([0f, 0f, 0f]), found);
            Assert.Equal(found[76], WeightReader.Read(test.Matrix, row, 76));
            Assert.Equal(77 * test.Matrix.ElementSize, test.Matrix.GetRowBytes(row, 1).Length);
        }

        Assert.True(test.Matrix.GetRowBytes(3, 2).SequenceEqual(test.Matrix.GetRowBytes(0, 5)[(3 * 77 * test.Matrix.ElementSize)..]));
    }

    [Fact]
    public void Rows_OutOfRange_Throw()
    {
        using var test = new TestMatrix(WeightType.Float32, 5, 7, (_, _) => 1);
        WeightMatrix matrix = test.Matrix;
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.ReadRow(5, new float[7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.ReadRow(-1, new float[7]));
        Assert.Throws<ArgumentException>(() => matrix.ReadRow(0, new float[6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.GetRowBytes(4, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.GetRowBytes(1, -1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Slice(2, 4));
    }
}
