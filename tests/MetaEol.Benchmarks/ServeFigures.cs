using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Tests.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaEol.Benchmarks;

/// <summary>Measures the server beside the generator in the same process, in turns, and puts load on it.</summary>
public sealed class ServeFigures : IAsyncDisposable
{
    /// <summary>The arguments that make this program print the figures, or put load on a server.</summary>
    public const string Argument = "--serve", LoadArgument = "--load";

    private const string Key = "key";

    private const int Rounds = 5, Clients = 64, RequestsPerClient = 8, Questions = 60, LoadClients = 200, Texts = 300;

    private readonly TextWriter _output;
    private readonly WebApplication _application;
    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly string[] _texts = LoadRun.CreateTexts(Texts, seed: 1);

    private ServeFigures(TextWriter output, WebApplication application)
    {
        _output = output;
        _application = application;
        _generator = application.Services.GetRequiredService<MetaEolEmbeddingGenerator>();
    }

    private Uri Address => new(_application.Urls.First());

    /// <summary>Starts a server at a free port.</summary>
    /// <param name="output">Receives the figures.</param>
    /// <param name="arguments">What stands behind the argument: <c>--model FOLDER</c>, else the demo model.</param>
    /// <param name="prefixCacheBytes">Bytes of the cache of prefixes; null takes the default.</param>
    public static async Task<ServeFigures> StartAsync(TextWriter output, string[] arguments, long? prefixCacheBytes = null)
    {
        string model = Array.IndexOf(arguments, "--model") is >= 0 and int at && at + 1 < arguments.Length ? arguments[at + 1] : DemoModel.Folder;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMetaEolEmbeddings(model, options =>
        {
            options.ModelId = "model";
            options.Cpu.PrefixCacheBytes = prefixCacheBytes ?? options.Cpu.PrefixCacheBytes;
        }).AddWarmUp();
        builder.Services.AddEmbeddingServer(options => options.ApiKeys.Add(Key));
        WebApplication application = builder.Build();
        application.MapOpenAIEmbeddings();
        application.MapTextEmbeddingsInference();
        application.MapOllamaEmbeddings();
        await application.StartAsync().ConfigureAwait(false);
        return new ServeFigures(output, application);
    }

    /// <summary>Throughput of many clients and latency of one question, in process and served; medians of rounds in which both take turns.</summary>
    public async Task RunAsync()
    {
        using HttpClient http = Client();
        Func<string, Task> inProcess = text => _generator.GenerateAsync([text]), served = text => AskAsync(http, text);
        List<(double Direct, double Served)> rates = [], latencies = [];
        for (int round = -1; round < Rounds; round++)
        {
            (double, double) rate = (await RateAsync(inProcess).ConfigureAwait(false), await RateAsync(served).ConfigureAwait(false));
            (double, double) latency = (await LatencyAsync(inProcess).ConfigureAwait(false), await LatencyAsync(served).ConfigureAwait(false));
            if (round >= 0)
            {
                rates.Add(rate);
                latencies.Add(latency);
            }
        }

        double direct = Median(rates.Select(rate => rate.Direct)), over = Median(rates.Select(rate => rate.Served));
        double alone = Median(latencies.Select(latency => latency.Direct)), asked = Median(latencies.Select(latency => latency.Served));
        Line($"{Clients} clients, one text a request: in process", $"{direct:0.0} texts/s");
        Line("the same, served", $"{over:0.0} texts/s, {(over / direct) - 1:+0.0%;-0.0%}");
        Line("one question: in process", $"{alone * 1000:0.00} ms");
        Line("the same, served", $"{asked * 1000:0.00} ms, {(asked - alone) * 1000:+0.00;-0.00} ms");
    }

    /// <summary>Load of many clients; every vector is compared.</summary>
    /// <param name="time">How long.</param>
    public async Task LoadAsync(TimeSpan time)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateAsync(_texts).ConfigureAwait(false);
        Dictionary<string, float[]> expected = _texts.Zip(vectors, (text, vector) => (text, vector)).ToDictionary(pair => pair.text, pair => pair.vector.Vector.ToArray());
        LoadRun load = new(Address, Key, "model", expected);

        // The first load fills pools and compiles; memory is compared from there on.
        await load.RunAsync(new LoadOptions(LoadClients, Requests: 2, TimeSpan.MaxValue)).ConfigureAwait(false);
        List<long> memory = [OwnBytesAfterCollection()];
        LoadReport report = await load.RunAsync(new LoadOptions(LoadClients, null, time, Seed: 1000)).ConfigureAwait(false);
        memory.Add(OwnBytesAfterCollection());
        for (int again = 0; again < 2; again++)
        {
            await load.RunAsync(new LoadOptions(LoadClients, Requests: 2, TimeSpan.MaxValue, Seed: 2000 + (again * 1000))).ConfigureAwait(false);
            memory.Add(OwnBytesAfterCollection());
        }

        Line($"{LoadClients} clients for {time.TotalSeconds:0} s", report.ToString());
        Line("memory after collection: before, after, after more", string.Join(", ", memory.Select(bytes => $"{bytes / 1e6:0} MB")));
        foreach (string wrong in report.Wrong.Take(10))
        {
            _output.WriteLine(wrong);
        }

        if (report.Wrong.Count > 0)
        {
            Environment.ExitCode = 1;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static long OwnBytesAfterCollection()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return PeakMemory.OwnBytes() ?? Environment.WorkingSet;
    }

    private static async Task AskAsync(HttpClient http, string text)
    {
        using ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(new { model = "model", input = text, encoding_format = "base64" }));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri("/v1/embeddings", UriKind.Relative), content).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using JsonDocument json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
        json.RootElement.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
    }

    private async Task<double> RateAsync(Func<string, Task> ask)
    {
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (int i = 0; i < RequestsPerClient; i++)
            {
                await ask(_texts[((client * RequestsPerClient) + i) % Texts]).ConfigureAwait(false);
            }
        }))).ConfigureAwait(false);
        return Clients * RequestsPerClient / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task<double> LatencyAsync(Func<string, Task> ask)
    {
        List<double> seconds = [];
        for (int i = 0; i < Questions; i++)
        {
            long started = Stopwatch.GetTimestamp();
            await ask($"Who sings in church on day {i}?").ConfigureAwait(false);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return Median(seconds);
    }

    private HttpClient Client()
    {
        HttpClient http = new() { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return http;
    }

    private void Line(FormattableString what, string figure) => Line(what.ToString(CultureInfo.InvariantCulture), figure);

    private void Line(string what, FormattableString figure) => Line(what, figure.ToString(CultureInfo.InvariantCulture));

    private void Line(FormattableString what, FormattableString figure) => Line(what.ToString(CultureInfo.InvariantCulture), figure.ToString(CultureInfo.InvariantCulture));

    private void Line(string what, string figure) => _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-52} {figure}"));
}
