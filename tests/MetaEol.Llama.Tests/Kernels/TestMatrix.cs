using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Tests.Kernels;

/// <summary>A weight matrix in memory of its own, at an address that is no multiple of the number's size, before a page that nobody may touch.</summary>
internal sealed unsafe class TestMatrix : IDisposable
{
    private readonly GuardedMemory _memory;

    public TestMatrix(WeightType type, int rows, int columns, Func<int, int, float> value)
    {
        int elementSize = type == WeightType.Float32 ? 4 : 2;
        _memory = new GuardedMemory((rows * columns * elementSize) + 1);
        byte* data = _memory.Data;
        for (int i = 0; i < rows * columns; i++)
        {
            float number = value(i / columns, i % columns);
            switch (type)
            {
                case WeightType.Float32:
                    ((float*)data)[i] = number;
                    break;
                case WeightType.Float16:
                    ((Half*)data)[i] = (Half)number;
                    break;
                default:
                    ((ushort*)data)[i] = (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);
                    break;
            }
        }

        Matrix = new WeightMatrix(data, type, rows, columns);
    }

    public WeightMatrix Matrix { get; }

    public void Dispose() => _memory.Dispose();
}
