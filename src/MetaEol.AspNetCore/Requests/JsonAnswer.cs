using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.Requests;

/// <summary>Writes an answer straight into the response's buffers and sends it on as it grows, so that a large one is never in memory as a whole.</summary>
internal sealed class JsonAnswer : IAsyncDisposable
{
    public const string ContentType = "application/json";

    private const int FlushBytes = 1 << 15;

    // What a browser could take for markup is data here: the type says so, and the page writes it as text.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PipeWriter _output;
    private readonly CancellationToken _cancellationToken;
    private long _sent;

    public JsonAnswer(HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = ContentType;
        _output = response.BodyWriter;
        _cancellationToken = cancellationToken;
        Json = CreateWriter(_output);
    }

    public Utf8JsonWriter Json { get; }

    /// <summary>A writer as all answers are written with.</summary>
    public static Utf8JsonWriter CreateWriter(PipeWriter output) => new(output, WriterOptions);

    /// <summary>Answers with an object of a type that serialization was generated for.</summary>
    public static async Task WriteAsync<T>(HttpResponse response, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        JsonAnswer answer = new(response, cancellationToken);
        await using (answer.ConfigureAwait(false))
        {
            JsonSerializer.Serialize(answer.Json, value, type);
        }
    }

    /// <summary>Sends what was written, where it is worth it.</summary>
    public async ValueTask FlushIfLargeAsync()
    {
        if (Json.BytesPending + Json.BytesCommitted - _sent >= FlushBytes)
        {
            Json.Flush();
            _sent = Json.BytesCommitted;
            await _output.FlushAsync(_cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a vector as a list of numbers.</summary>
    public void WriteNumbers(ReadOnlySpan<float> vector)
    {
        Json.WriteStartArray();
        foreach (float value in vector)
        {
            Json.WriteNumberValue(value);
        }

        Json.WriteEndArray();
    }

    /// <summary>Writes a vector as base64 of its little-endian float32 bytes.</summary>
    public void WriteBase64(ReadOnlySpan<float> vector)
    {
        if (BitConverter.IsLittleEndian)
        {
            Json.WriteBase64StringValue(MemoryMarshal.AsBytes(vector));
            return;
        }

        byte[] bytes = new byte[vector.Length * sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        Json.WriteBase64StringValue(bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await Json.DisposeAsync().ConfigureAwait(false);
        await _output.FlushAsync(_cancellationToken).ConfigureAwait(false);
    }
}
