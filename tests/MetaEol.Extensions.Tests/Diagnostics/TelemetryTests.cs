using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Extensions.Tests.TestSupport;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Tests.Diagnostics;

public class TelemetryTests
{
    [Fact]
    public async Task Generate_StartsASpanForEachStage()
    {
        using var parent = new Activity("test").Start();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MetaEolTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == parent.TraceId)
                {
                    spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        await generator.GenerateAsync(["secret."]);
        Assert.Equal(["metaeol.load", "metaeol.prompt", "metaeol.tokenize", "metaeol.plan", "metaeol.encode", "metaeol.pool"], spans.Select(span => span.OperationName));
        Assert.Equal((1, 2), (spans.ElementAt(1).GetTagItem("metaeol.texts"), spans.ElementAt(1).GetTagItem("metaeol.templates")));
        Assert.Equal(1, spans.ElementAt(3).GetTagItem("metaeol.calls"));
        Assert.Equal(2, spans.ElementAt(4).GetTagItem("metaeol.prompts"));
        Assert.Equal(1, spans.ElementAt(5).GetTagItem("metaeol.items"));
        Assert.DoesNotContain(spans.SelectMany(span => span.TagObjects), tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SparseAndRerank_StartTheSameSpans()
    {
        using var parent = new Activity("test").Start();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MetaEolTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == parent.TraceId)
                {
                    spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGenerator("llama-gqa-f32");
        await generator.LoadAsync();
        spans.Clear();
        string[] stages = ["metaeol.prompt", "metaeol.tokenize", "metaeol.plan", "metaeol.encode", "metaeol.pool"];
        await generator.GenerateSparseAsync(["20 21"]);
        Assert.Equal(stages, spans.Select(span => span.OperationName));
        spans.Clear();
        await generator.RerankAsync("20 21", ["7 8", "9"], new RerankOptions { Prompt = "{passage} " });
        Assert.Equal(stages, spans.Select(span => span.OperationName));
        Assert.Equal((2, 1), (spans.ElementAt(0).GetTagItem("metaeol.texts"), spans.ElementAt(0).GetTagItem("metaeol.templates")));
        Assert.Equal((3L + 2, 1), (spans.ElementAt(2).GetTagItem("metaeol.tokens"), spans.ElementAt(2).GetTagItem("metaeol.calls")));
        Assert.Equal(4, spans.ElementAt(3).GetTagItem("metaeol.prompts"));
    }

    [Fact]
    public async Task Generate_CountsTokensAndCalls()
    {
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == MetaEolTelemetry.Name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        long tokens = (await generator.GenerateAsync(["a.", "b."])).Usage!.InputTokenCount!.Value;

        // Other tests may run at the same time and count too.
        Assert.True(sums["metaeol.tokens"] >= tokens);
        Assert.True(sums["metaeol.prompts"] >= 4);
        Assert.True(sums["metaeol.encode.requests"] >= 1);
        Assert.True(sums["metaeol.encode.duration"] > 0);
        Assert.True(sums["metaeol.load"] > 0);
        Assert.Contains("metaeol.queue.waiting", sums.Keys);
    }

    [Theory]
    [InlineData(LogLevel.Trace, true)]
    [InlineData(LogLevel.Debug, false)]
    public async Task Log_UserText_AtTraceOnly(LogLevel level, bool logged)
    {
        var lines = new ConcurrentQueue<string>();
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(level).AddProvider(new LineLogger(lines)));
        using var generator = new MetaEolEmbeddingGenerator(
            new FakeTokenizer(), new FakeEncoder(), new MetaEolOptions { TextOverflow = TextOverflow.Truncate, MaxTextTokens = 4 }, factory);
        await generator.GenerateAsync(["confidential"]);
        Assert.Equal(logged, lines.Any(line => line.Contains("confidential", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("Loaded", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("cut from 12 to 4", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("8 templates of metaeol", StringComparison.Ordinal));
    }

    private sealed class LineLogger(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
