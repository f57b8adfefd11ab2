using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MetaEol.Tests.Load;

/// <summary>Many clients at once, as they come: texts of all sizes, in every dialect, wrong keys, wrong bodies, connections that are cut in mid-request. Every vector is compared.</summary>
/// <param name="address">The server.</param>
/// <param name="key">A key that it accepts; the server must ask for keys.</param>
/// <param name="model">The model's name.</param>
/// <param name="expected">Texts and their vectors.</param>
internal sealed class LoadRun(Uri address, string key, string model, IReadOnlyDictionary<string, float[]> expected)
{
    // As far as batching may change a vector; L2, relative.
    private const double Tolerance = 1e-5;

    private const int MostTexts = 24;

    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(10);

    private readonly string[] _texts = [.. expected.Keys];

    /// <summary>Texts of all sizes that fit a context of some hundred tokens.</summary>
    public static string[] CreateTexts(int count, int seed)
    {
        string[] words = ["dog", "snow", "guitar", "music", "runs", "sleeps", "a", "the", "river", "bank", "\"quoted\"", "Wörtchen", "😀", "1024", "cold", "house"];
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(i => $"{string.Join(' ', Enumerable.Range(0, (int)(90 * Math.Pow(random.NextDouble(), 2))).Select(_ => words[random.Next(words.Length)]))} {i}.")];
    }

    /// <summary>Runs all clients.</summary>
    public async Task<LoadReport> RunAsync(LoadOptions options)
    {
        LoadReport report = new();
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, options.Clients).Select(async client =>
        {
            Random random = new(options.Seed + client);
            using HttpClient http = new(new SocketsHttpHandler()) { BaseAddress = address, Timeout = LongestRequest };
            for (int i = 0; options.Requests is { } requests ? i < requests : Stopwatch.GetElapsedTime(started) < options.Time; i++)
            {
                await OneAsync(http, random, report).ConfigureAwait(false);
            }
        })).ConfigureAwait(false);
        return report;
    }

    private async Task OneAsync(HttpClient http, Random random, LoadReport report)
    {
        try
        {
            switch (random.Next(10))
            {
                case 0:
                    await RefusedAsync(http, "wrong", """{"model":"x","input":"a"}""", HttpStatusCode.Unauthorized, report).ConfigureAwait(false);
                    break;
                case 1:
                    await RefusedAsync(http, key, random.Next(2) == 0 ? "{\"model\":" : $$"""{"model":"{{model}}","input":[{{random.Next()}},"a"]}""", HttpStatusCode.BadRequest, report).ConfigureAwait(false);
                    break;
                case 2:
                    await CutAsync(http, random, report).ConfigureAwait(false);
                    break;
                default:
                    await EmbedAsync(http, random, report).ConfigureAwait(false);
                    break;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            report.AddWrong($"lost: {e.GetType().Name}: {e.Message}");
        }
    }

    private async Task EmbedAsync(HttpClient http, Random random, LoadReport report)
    {
        string[] texts = Pick(random);
        int dialect = random.Next(4);
        (string path, object body) = dialect switch
        {
            0 => ("/v1/embeddings", new { model, input = texts, encoding_format = "float" }),
            1 => ("/v1/embeddings", (object)new { model, input = texts, encoding_format = "base64" }),
            2 => ("/embed", new { inputs = texts }),
            _ => ("/api/embed", new { model, input = texts }),
        };
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            using HttpResponseMessage response = await SendAsync(http, path, key, JsonSerializer.Serialize(body), default).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                report.AddBusy();
                if (response.Headers.RetryAfter?.Delta is not { } wait || wait < TimeSpan.FromSeconds(1))
                {
                    report.AddWrong("busy, without a Retry-After");
                    return;
                }

                await Task.Delay(wait).ConfigureAwait(false);
                continue;
            }

            string text = await response.Content.ReadAsStringAsync().ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                report.AddWrong($"{path}: {(int)response.StatusCode} {text}");
                return;
            }

            using JsonDocument json = JsonDocument.Parse(text);
            float[][] vectors = Read(json.RootElement, dialect);
            if (vectors.Length != texts.Length || texts.Where((given, i) => !IsRight(expected[given], vectors[i])).Any())
            {
                report.AddWrong($"{path}: a vector is not that of its text");
                return;
            }

            report.AddAnswer(Stopwatch.GetElapsedTime(started).TotalSeconds, vectors.Length);
            return;
        }
    }

    private static async Task RefusedAsync(HttpClient http, string key, string body, HttpStatusCode status, LoadReport report)
    {
        using HttpResponseMessage response = await SendAsync(http, "/v1/embeddings", key, body, default).ConfigureAwait(false);
        if (response.StatusCode == status)
        {
            report.AddRefusal();
        }
        else
        {
            report.AddWrong($"{(int)response.StatusCode} in the place of {(int)status}");
        }
    }

    private async Task CutAsync(HttpClient http, Random random, LoadReport report)
    {
        string body = JsonSerializer.Serialize(new { model, input = Pick(random) });
        if (random.Next(2) == 0)
        {
            // In the middle of the body.
            using TcpClient connection = new();
            await connection.ConnectAsync(address.Host, address.Port).ConfigureAwait(false);
            string head = $"POST /v1/embeddings HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head + body[..(body.Length / 2)])).ConfigureAwait(false);
        }
        else
        {
            using CancellationTokenSource leaves = new(random.Next(1, 100));
            try
            {
                using HttpResponseMessage response = await SendAsync(http, "/v1/embeddings", key, body, leaves.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // That is what was meant.
            }
        }

        report.AddCut();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string path, string key, string body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static float[][] Read(JsonElement answer, int dialect) => dialect switch
    {
        0 => [.. answer.GetProperty("data").EnumerateArray().Select(item => Numbers(item.GetProperty("embedding")))],
        1 => [.. answer.GetProperty("data").EnumerateArray().Select(item => MemoryMarshal.Cast<byte, float>(item.GetProperty("embedding").GetBytesFromBase64()).ToArray())],
        2 => [.. answer.EnumerateArray().Select(Numbers)],
        _ => [.. answer.GetProperty("embeddings").EnumerateArray().Select(Numbers)],
    };

    private static float[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetSingle())];

    private static bool IsRight(float[] expected, float[] actual)
    {
        if (expected.Length != actual.Length)
        {
            return false;
        }

        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm) <= Tolerance;
    }

    private string[] Pick(Random random) => [.. Enumerable.Range(0, 1 + (int)(MostTexts * Math.Pow(random.NextDouble(), 3))).Select(_ => _texts[random.Next(_texts.Length)])];
}
