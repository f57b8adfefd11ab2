using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.SmallVectors;

/// <summary>Generators of smaller vectors over a generator of float32 vectors, with its options and its middleware. They share it: disposing them leaves it alone.</summary>
public static class SmallVectorExtensions
{
    /// <summary>Vectors in half precision: 2 bytes a number.</summary>
    /// <param name="generator">Gives the vectors.</param>
    public static IEmbeddingGenerator<string, Embedding<Half>> AsHalfGenerator(this IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new ConvertingGenerator<Embedding<Half>>(generator, vector => new Embedding<Half>(SmallVector.ToHalf(vector.Vector.Span)));
    }

    /// <summary>
    /// Vectors in 8 bits: 1 byte a number, and a scale for each vector in <see cref="Embedding.AdditionalProperties"/> under <see cref="SmallVector.ScaleName"/>: a number is <c>scale · value</c>
    /// (see <see cref="SmallVector.ToInt8"/>). Rank them by cosine, which does not need it.
    /// </summary>
    /// <param name="generator">Gives the vectors.</param>
    public static IEmbeddingGenerator<string, Embedding<sbyte>> AsInt8Generator(this IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new ConvertingGenerator<Embedding<sbyte>>(generator, vector =>
        {
            sbyte[] values = SmallVector.ToInt8(vector.Vector.Span, out float scale);
            return new Embedding<sbyte>(values) { AdditionalProperties = new() { [SmallVector.ScaleName] = scale } };
        });
    }

    /// <summary>The signs alone: one bit a number. Rank them by Hamming distance.</summary>
    /// <param name="generator">Gives the vectors.</param>
    public static IEmbeddingGenerator<string, BinaryEmbedding> AsBinaryGenerator(this IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new ConvertingGenerator<BinaryEmbedding>(generator, vector => new BinaryEmbedding(SmallVector.ToBits(vector.Vector.Span)));
    }
}
