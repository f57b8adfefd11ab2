using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MetaEol.Cli.Tests.Hub;

/// <summary>A small HTTP/1.1 server on a free local port, close enough to the socket to break a connection in the middle of an answer.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Request, Answer> _handler;
    private readonly Task _loop;

    public HttpServer(Func<Request, Answer> handler)
    {
        _handler = handler;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public ConcurrentQueue<Request> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                string[] start = ((await reader.ReadLineAsync(_stop.Token)) ?? string.Empty).Split(' ');
                Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
                {
                    headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
                }

                char[] body = new char[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
                if (body.Length > 0)
                {
                    await reader.ReadBlockAsync(body, _stop.Token);
                }

                Request request = new(start[0], start[1], headers, new string(body));
                Requests.Enqueue(request);
                await AnswerAsync(stream, request, _handler(request));
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or IndexOutOfRangeException)
            {
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, Request request, Answer answer)
    {
        if (answer.Raw is { } raw)
        {
            await stream.WriteAsync(raw, _stop.Token);
            await RepeatAsync(stream, answer);
            return;
        }

        int from = 0, status = answer.Status;
        StringBuilder head = new();
        if (answer.SupportsRanges && request.Headers.TryGetValue("Range", out string? range))
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            status = 206;
            head.Append(CultureInfo.InvariantCulture, $"Content-Range: bytes {from}-{answer.Body.Length - 1}/{answer.Body.Length}\r\n");
        }

        foreach ((string name, string value) in answer.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        string start = $"HTTP/1.1 {status} Status\r\nContent-Length: {answer.Body.Length - from}\r\nConnection: close\r\n{head}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(start), _stop.Token);
        if (request.Method != "HEAD")
        {
            int end = answer.CutAfter is { } cut ? Math.Min(answer.Body.Length, from + cut) : answer.Body.Length;
            await stream.WriteAsync(answer.Body.AsMemory(from, end - from), _stop.Token);
        }

        await stream.FlushAsync(_stop.Token);
    }

    /// <summary>Writes the body again and again until the client has enough of it.</summary>
    private async Task RepeatAsync(NetworkStream stream, Answer answer)
    {
        while (answer.RepeatEvery is { } pause)
        {
            await stream.WriteAsync(answer.Body, _stop.Token);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _stop.Token);
            }
        }
    }

    internal sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

    internal sealed record Answer(int Status, byte[] Body)
    {
        public Answer(int status, string body = "")
            : this(status, Encoding.UTF8.GetBytes(body))
        {
        }

        public Dictionary<string, string> Headers { get; init; } = [];

        public bool SupportsRanges { get; init; }

        /// <summary>What is sent in place of a head made from the rest; the body follows only where it is repeated.</summary>
        public byte[]? Raw { get; init; }

        /// <summary>The pause between repetitions of the body, which then never ends.</summary>
        public TimeSpan? RepeatEvery { get; init; }

        /// <summary>Bytes of the body after which the connection is closed.</summary>
        public int? CutAfter { get; init; }
    }
}
