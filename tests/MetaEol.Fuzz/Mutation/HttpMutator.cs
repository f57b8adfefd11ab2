using System.Globalization;
using System.Text;
using MetaEol.Fuzz.Running;
using MetaEol.Fuzz.Targets;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Answers of a server whose first body is changed as JSON, under a head that fits it most of the time.</summary>
/// <param name="bodies">The bodies to change.</param>
/// <param name="words">Texts of the protocol.</param>
/// <param name="rest">The answers behind the first.</param>
internal sealed class HttpMutator(IReadOnlyList<byte[]> bodies, IReadOnlyList<string> words, IReadOnlyList<byte[]> rest) : IMutator
{
    private static readonly string[] Heads =
    [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-99\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 206 Partial\r\n",
        "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n", "HTTP/1.1 302 Found\r\n", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: x\r\n", "HTTP/1.1 404 Not Found\r\nX-Error-Code: EntryNotFound\r\nX-Error-Message: \u00ff\u001b[31m\r\n",
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n", "HTTP/1.0 200 OK\r\n",
    ];

    private readonly JsonMutator _bodies = new(bodies, words);

    public IReadOnlyList<byte[]> Seeds { get; } = [.. bodies.Select(body => Join(Answer(Heads[0], body), rest))];

    public byte[] Create(FuzzRandom random)
    {
        byte[] body = _bodies.Create(random);
        byte[] first = random.Below(12) switch
        {
            0 => body,
            1 => [.. Encoding.Latin1.GetBytes(random.Pick(Heads) + $"Content-Length: {random.Pick(Interesting.Numbers)}\r\n\r\n"), .. body],
            2 => [.. Encoding.Latin1.GetBytes(random.Pick(Heads) + "Transfer-Encoding: chunked\r\n\r\n" + $"{body.Length:x}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8],
            _ => Answer(random.OneIn(3) ? random.Pick(Heads) : Heads[0], body),
        };
        return Join(first, random.OneIn(8) ? [] : rest);
    }

    /// <summary>An answer whose head tells the length of its body.</summary>
    public static byte[] Answer(string head, byte[] body) => [.. Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n")), .. body];

    private static byte[] Join(byte[] first, IReadOnlyList<byte[]> others)
    {
        List<byte> all = [.. first];
        foreach (byte[] other in others)
        {
            all.AddRange(RawServer.Separator);
            all.AddRange(other);
        }

        return [.. all];
    }
}
