using MetaEol.Llama.Kernels;
using MetaEol.Llama.Kernels.Emitted;
using Microsoft.Extensions.Logging;

namespace MetaEol.Llama.Encoders;

/// <summary>The arithmetic of an encoder's matrix products: which precision the options come to on this machine, and the kernels for it.</summary>
internal sealed partial class EncoderProducts : IDisposable
{
    /// <summary>The precisions of the machine by their speed, with the relative error of a hidden state that each may cost.</summary>
    private static readonly (Precision Precision, double Error)[] BySpeed = [(Precision.Int8, 0.05), (Precision.BFloat16, 0.01), (Precision.Float32, 0)];

    private readonly EmittedKernels? _emitted;

    /// <param name="options">The options, of which precision and emitted kernels are taken.</param>
    /// <param name="quantized">Whether the weights are stored in 8 bits.</param>
    /// <param name="logger">Is told what was chosen, where there was a choice.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">The weights do not have the precision.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the precision.</exception>
    public EncoderProducts(CpuEncoderOptions options, bool quantized, ILogger logger)
    {
        Precision wanted = options.Precision ?? (quantized ? Precision.Int8 : Precision.Float32);
        if (!Enum.IsDefined(wanted))
        {
            throw new ArgumentOutOfRangeException("options.Precision", wanted, $"Known precisions are {string.Join(", ", Enum.GetNames<Precision>())}.");
        }

        if (!(options.FastestMaximumError > 0))
        {
            throw new ArgumentOutOfRangeException("options.FastestMaximumError", options.FastestMaximumError, "It is a relative error above 0, for example 0.01.");
        }

        if (quantized && wanted is not (Precision.Int8 or Precision.Fastest))
        {
            throw new NotSupportedException(
                $"Precision {wanted} needs the weights as they were before they were quantized; these are stored in 8 bits. Take {Precision.Int8}, leave the precision out, or load the model that this one was made of.");
        }

        string? reason = null;
        if (wanted == Precision.Float32)
        {
            // Nothing is emitted for it.
        }
        else if (!options.EmittedKernels)
        {
            reason = $"the option {nameof(options.EmittedKernels)} is off";
        }
        else
        {
            EmittedKernels.TryCreate(out _emitted, out reason);
        }

        Precision = wanted;
        if (wanted == Precision.Fastest)
        {
            Precision = quantized ? Precision.Int8 : BySpeed.First(choice => Has(choice.Precision) && choice.Error <= options.FastestMaximumError).Precision;
            LogFastest(logger, Precision, options.FastestMaximumError);
        }

        if (!Has(Precision))
        {
            _emitted?.Dispose();
            throw new PlatformNotSupportedException(
                $"Precision {Precision} needs a processor with AVX512_BF16 and kernels in machine code, but {reason ?? "the processor has no AVX512_BF16"}."
                + $" This machine has {string.Join(", ", Enum.GetValues<Precision>().Where(Has))}; {Precision.Fastest} takes the fastest of them within a loss.");
        }

        if (reason is not null)
        {
            LogWithoutEmitted(logger, reason);
        }

        Factory = new LinearFactory(Precision, _emitted);
    }

    /// <summary>The precision, never <see cref="Precision.Fastest"/>.</summary>
    public Precision Precision { get; }

    /// <summary>Creates the products, which must be disposed before this is.</summary>
    public LinearFactory Factory { get; }

    /// <inheritdoc/>
    public void Dispose() => _emitted?.Dispose();

    private bool Has(Precision precision) => precision switch
    {
        Precision.Float32 or Precision.Int8 => true,
        Precision.BFloat16 => _emitted is { HasBFloat16: true },
        _ => false,
    };

    [LoggerMessage(2, LogLevel.Information, "Precision Fastest takes {Precision}, the fastest here within a relative error of {MaximumError}")]
    private static partial void LogFastest(ILogger logger, Precision precision, double maximumError);

    [LoggerMessage(3, LogLevel.Information, "Kernels in machine code are not used: {Reason}. Products run with the instructions that .NET offers")]
    private static partial void LogWithoutEmitted(ILogger logger, string reason);
}
