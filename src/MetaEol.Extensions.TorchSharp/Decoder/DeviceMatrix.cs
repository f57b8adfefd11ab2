using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>A weight matrix on a device, <c>[outputs × inputs]</c>: in the number type of the arithmetic, or in 8 bits with a float32 scale for each row and block of columns.</summary>
internal sealed class DeviceMatrix : IDisposable
{
    /// <summary>Numbers of an 8-bit matrix that are widened at once: 64 MB of float32 beside the matrix.</summary>
    private const long WidenedAtOnce = 16L << 20;

    private readonly torch.Tensor _numbers;
    private readonly torch.Tensor? _scales;
    private readonly int _inputs;

    /// <summary>A matrix in the number type of the arithmetic.</summary>
    /// <param name="numbers"><c>[outputs × inputs]</c>; owned from now on.</param>
    public DeviceMatrix(torch.Tensor numbers)
    {
        _numbers = numbers;
        _inputs = (int)numbers.shape[1];
    }

    /// <summary>A matrix in 8 bits.</summary>
    /// <param name="numbers"><c>[outputs × blocks × columns of a block]</c>, 8-bit integers, with zeros behind the last input; owned from now on.</param>
    /// <param name="scales"><c>[outputs × blocks × 1]</c>, float32; owned from now on.</param>
    /// <param name="inputs">Number of inputs.</param>
    public DeviceMatrix(torch.Tensor numbers, torch.Tensor scales, int inputs)
    {
        _numbers = numbers;
        _scales = scales;
        _inputs = inputs;
    }

    /// <summary>Some outputs of the product with inputs <c>[rows × inputs]</c>: <c>[rows × count]</c>, in the current dispose scope.</summary>
    /// <param name="input">The inputs.</param>
    /// <param name="bias">A bias for every output of the matrix, or null.</param>
    /// <param name="first">The first output.</param>
    /// <param name="count">Number of outputs.</param>
    public torch.Tensor Multiply(torch.Tensor input, torch.Tensor? bias, long first, long count)
    {
        if (_scales is null)
        {
            return torch.nn.functional.linear(input, _numbers.narrow(0, first, count), bias?.narrow(0, first, count));
        }

        // Widened a part at a time, so that float32 weights never lie on the device as a whole.
        long rowsAtOnce = Math.Max(1, WidenedAtOnce / (_numbers.shape[1] * _numbers.shape[2]));
        var outputs = new List<torch.Tensor>();
        for (long row = first; row < first + count; row += rowsAtOnce)
        {
            outputs.Add(MultiplyWidened(input, bias, row, Math.Min(rowsAtOnce, first + count - row)));
        }

        return outputs.Count == 1 ? outputs[0] : torch.cat(outputs, 1);
    }

    /// <summary>All outputs of the product.</summary>
    public torch.Tensor Multiply(torch.Tensor input, torch.Tensor? bias) => Multiply(input, bias, 0, _numbers.shape[0]);

    public void Dispose()
    {
        _numbers.Dispose();
        _scales?.Dispose();
    }

    private torch.Tensor MultiplyWidened(torch.Tensor input, torch.Tensor? bias, long first, long count)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor widened = _numbers.narrow(0, first, count).to(torch.ScalarType.Float32).mul_(_scales!.narrow(0, first, count));
        torch.Tensor weights = widened.view(count, -1).narrow(1, 0, _inputs);
        return torch.nn.functional.linear(input, weights, bias?.narrow(0, first, count)).MoveToOuterDisposeScope();
    }
}
