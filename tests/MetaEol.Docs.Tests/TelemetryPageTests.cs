using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MetaEol.Docs.Tests;

/// <summary>Holds <c>docs/telemetry.md</c> against the code: whatever the library reports must be named there.</summary>
public class TelemetryPageTests
{
    private static readonly string[] Rows = [.. File.ReadAllLines(Path.Combine(TestPaths.Root, "docs", "telemetry.md")).Where(line => line.StartsWith('|'))];

    [Fact]
    public void Instruments_StandThereWithKindAndUnit()
    {
        List<Instrument> instruments = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == MetaEolTelemetry.Name)
                {
                    instruments.Add(instrument);
                }
            },
        };
        RuntimeHelpers.RunClassConstructor(typeof(MetaEolTelemetry).TypeHandle);
        listener.Start();
        Assert.NotEmpty(instruments);
        foreach (Instrument instrument in instruments)
        {
            string kind = instrument.GetType().Name.Split('`')[0] switch
            {
                nameof(Histogram<double>) => "histogram",
                nameof(Counter<long>) => "counter",
                nameof(UpDownCounter<int>) => "up-down counter",
                var other => throw new InvalidOperationException($"'{instrument.Name}' is a {other}."),
            };
            string[] row = Assert.Single(Rows.Select(Cells), cells => cells.Length == 4 && cells[0] == $"`{instrument.Name}`");
            Assert.Equal((kind, $"`{instrument.Unit}`"), (row[1], row[2]));
        }
    }

    [Fact]
    public void SpansAndTags_StandThere()
    {
        string[] constants = [.. typeof(MetaEolTelemetry).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];
        string[] inCode = [.. SourceCode.Texts.Where(text => text.StartsWith("metaeol.", StringComparison.Ordinal) && text.Skip(8).All(letter => char.IsAsciiLetterLower(letter) || letter == '.'))];
        Assert.Contains("metaeol.calls", inCode);
        Assert.All(constants.Where(name => name != MetaEolTelemetry.Name).Concat(inCode), name => Assert.True(Rows.Any(row => row.Contains($"`{name}`", StringComparison.Ordinal)), $"docs/telemetry.md does not name `{name}`."));
    }

    [Fact]
    public void LogEvents_StandThereWithIdAndLevel()
    {
        (string? Id, string Level, string Message)[] events = [.. SourceCode.LogEvents()];
        Assert.True(events.Length > 8, $"{events.Length} log events were found.");
        foreach ((string? id, string level, string message) in events)
        {
            bool isThere = Rows.Select(Cells).Any(cells => cells.Length == 4 && cells[1] == (id ?? "") && cells[2] == $"`{level}`" && cells[3] == $"`{message}`");
            Assert.True(isThere, $"docs/telemetry.md has no row of log events with | {id} | `{level}` | `{message}` |");
        }
    }

    [Fact]
    public async Task HealthCheckData_StandThere()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddMetaEolEmbeddings(TestPaths.DemoModel).AddHealthCheck();
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        HealthReportEntry entry = report.Entries["metaeol"];
        string page = await File.ReadAllTextAsync(Path.Combine(TestPaths.Root, "docs", "telemetry.md"));
        Assert.NotEmpty(entry.Data);
        Assert.All(entry.Data.Keys, key => Assert.Contains($"`{key}`", page, StringComparison.Ordinal));
    }

    private static string[] Cells(string row) => [.. row.Trim('|').Split('|').Select(cell => cell.Trim())];
}
