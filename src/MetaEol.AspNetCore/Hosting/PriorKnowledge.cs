using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MetaEol.AspNetCore.Hosting;

/// <summary>
/// Lets clients speak HTTP/2 on a plain connection that also serves HTTP/1.1 (RFC 9113, section 3.3), which Kestrel leaves to the negotiation of TLS: a connection that begins with HTTP/2's preface is handed to the
/// server of a second endpoint, which has HTTP/2 alone and at which nobody can arrive otherwise.
/// </summary>
internal sealed class PriorKnowledge
{
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8];

    // A connection that says nothing for so long is left to the server's own limits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private ConnectionDelegate? _http2;

    /// <summary>Adds the second endpoint. It must be bound before those that hand connections to it.</summary>
    public void AddEndpoint(KestrelServerOptions kestrel) => kestrel.Listen(new InnerEndPoint(), listen =>
    {
        listen.Protocols = HttpProtocols.Http2;
        ((IConnectionBuilder)listen).Use(next => _http2 = next);
    });

    /// <summary>Hands connections that begin with the preface over.</summary>
    public void Detect(ListenOptions listen) => ((IConnectionBuilder)listen).Use(next => async connection =>
        await (await BeginsWithPrefaceAsync(connection).ConfigureAwait(false) ? _http2! : next)(connection).ConfigureAwait(false));

    private static async Task<bool> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        ends.CancelAfter(Patience);
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(ends.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The server finds the same, or waits as long as it waits for any.
                return false;
            }

            int length = (int)Math.Min(read.Buffer.Length, Preface.Length);
            bool equal = StartsAsPreface(read, length);

            // Nothing is taken: the server reads it again. What was looked at and is not enough is marked so, or the next read would return at once.
            bool enough = !equal || length == Preface.Length || read.IsCompleted || read.IsCanceled;
            input.AdvanceTo(read.Buffer.Start, enough ? read.Buffer.Start : read.Buffer.End);
            if (enough)
            {
                return equal && length == Preface.Length;
            }
        }
    }

    private static bool StartsAsPreface(ReadResult read, int length)
    {
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in read.Buffer.Slice(0, length))
        {
            if (!part.Span.SequenceEqual(Preface.AsSpan(at, part.Length)))
            {
                return false;
            }

            at += part.Length;
        }

        return true;
    }
}
