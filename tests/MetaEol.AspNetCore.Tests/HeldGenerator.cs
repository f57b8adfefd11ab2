using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace MetaEol.AspNetCore.Tests;

/// <summary>A generator that is none of MetaEOL's: vectors from a hash of the text. It can be held until it is let go on, and tells what it was given.</summary>
internal sealed class HeldGenerator(string modelId = "held", int dimensions = 8) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly Lock _gate = new();
    private readonly List<string[]> _calls = [];
    private TaskCompletionSource? _held;

    public Func<string, float[]>? VectorOf { get; init; }

    public int Cancelled { get; private set; }

    /// <summary>The texts of each call, in the order of the calls.</summary>
    public IReadOnlyList<string[]> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public static float[] Expected(string text, int dimensions = 8)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return [.. Enumerable.Range(0, dimensions).Select(i => (hash[i % hash.Length] - 127.5f) / 128)];
    }

    public void Hold()
    {
        lock (_gate)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void LetGo()
    {
        lock (_gate)
        {
            _held?.SetResult();
            _held = null;
        }
    }

    /// <summary>Waits until so many calls have come.</summary>
    public Task CalledAsync(int calls) => Eventually.TrueAsync(() => Calls.Count >= calls);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        Task held;
        lock (_gate)
        {
            _calls.Add(texts);
            held = _held?.Task ?? Task.CompletedTask;
        }

        try
        {
            await held.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                Cancelled++;
            }

            throw;
        }

        return [.. texts.Select(text => new Embedding<float>(VectorOf?.Invoke(text) ?? Expected(text, dimensions)))];
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, modelId, dimensions)
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
