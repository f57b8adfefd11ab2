using System.Collections.Concurrent;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>The CPU encoder of a model, with what it logs of its passes.</summary>
internal sealed class RecordingEncoder : IPromptEncoder, ILogger
{
    private readonly CpuPromptEncoder _encoder;
    private readonly ConcurrentQueue<LoggedPass> _passes = new();

    public RecordingEncoder(LlamaModel model, CpuEncoderOptions options) => _encoder = new CpuPromptEncoder(model.Config, model.Weights, options, this);

    /// <summary>What was computed, pass by pass.</summary>
    public IReadOnlyList<LoggedPass> Passes => [.. _passes];

    public PromptEncoderMetadata Metadata => _encoder.Metadata;

    public string Fingerprint => _encoder.Fingerprint;

    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default) =>
        _encoder.Encode(prompts, layers, hiddenStates, cancellationToken);

    public void Encode(PromptBatch batch, Span<float> hiddenStates, CancellationToken cancellationToken = default) => _encoder.Encode(batch, hiddenStates, cancellationToken);

    public void Dispose() => _encoder.Dispose();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = ((IEnumerable<KeyValuePair<string, object?>>)state!).ToDictionary();
        if (values.TryGetValue("TokensComputed", out object? computed))
        {
            _passes.Enqueue(new LoggedPass((int)values["Prompts"]!, (int)computed!, (long)values["TokensCached"]!));
        }
    }
}
