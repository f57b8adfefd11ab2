using System.Net;
using System.Net.Sockets;

namespace MetaEol.Fuzz.Targets;

/// <summary>A server on a free local port that reads a request, answers with bytes as they are, and closes the connection; after its last answer it begins anew.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IReadOnlyList<byte[]> _answers;
    private readonly Thread _thread;

    public RawServer(IReadOnlyList<byte[]> answers)
    {
        _answers = answers;
        _listener.Start();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stands between the answers of an input.</summary>
    public static ReadOnlySpan<byte> Separator => "\n=====\n"u8;

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The answers of an input.</summary>
    public static List<byte[]> Split(ReadOnlySpan<byte> input)
    {
        List<byte[]> answers = [];
        for (int at; (at = input.IndexOf(Separator)) >= 0; input = input[(at + Separator.Length)..])
        {
            answers.Add(input[..at].ToArray());
        }

        answers.Add(input.ToArray());
        return answers;
    }

    public void Dispose()
    {
        _listener.Stop();
        _thread.Join();
    }

    private void Serve()
    {
        for (int request = 0; ; request++)
        {
            try
            {
                using TcpClient client = _listener.AcceptTcpClient();
                client.NoDelay = true;
                NetworkStream stream = client.GetStream();
                if (ReadRequest(stream))
                {
                    stream.Write(_answers[request % _answers.Count]);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
            catch (IOException)
            {
                // The client has enough.
            }
        }
    }

    /// <summary>Reads the head of a request, and the body that it announces.</summary>
    private static bool ReadRequest(NetworkStream stream)
    {
        byte[] buffer = new byte[1 << 16];
        int length = 0;
        while (length < buffer.Length)
        {
            int read = stream.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                return length > 0;
            }

            length += read;
            int end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0 && length >= end + 4 + BodyLength(System.Text.Encoding.ASCII.GetString(buffer, 0, end)))
            {
                return true;
            }
        }

        return true;
    }

    private static int BodyLength(string head) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) is { } line ? int.Parse(line["Content-Length:".Length..], System.Globalization.CultureInfo.InvariantCulture) : 0;
}
