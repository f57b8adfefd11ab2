using System.Diagnostics;

namespace MetaEol.Extensions;

/// <summary>A sparse vector over a model's vocabulary: token ids and how much each counts; all others count nothing. Immutable.</summary>
[DebuggerDisplay("{TokenIds.Length} terms")]
public sealed class SparseEmbedding
{
    /// <summary>Creates a sparse vector.</summary>
    /// <param name="tokenIds">Token ids, none negative, each above the one before it.</param>
    /// <param name="weights">The weight of each, finite and above 0.</param>
    /// <exception cref="ArgumentException">The lengths differ, or an id or weight is not as it must be; the message names it.</exception>
    public SparseEmbedding(ReadOnlyMemory<int> tokenIds, ReadOnlyMemory<float> weights)
    {
        if (tokenIds.Length != weights.Length)
        {
            throw new ArgumentException($"There are {tokenIds.Length} token ids and {weights.Length} weights: each id has one weight.", nameof(weights));
        }

        for (int i = 0; i < tokenIds.Length; i++)
        {
            int id = tokenIds.Span[i], least = i == 0 ? 0 : tokenIds.Span[i - 1] + 1;
            if (id < least)
            {
                throw new ArgumentException($"Token id {id} at {i} must be at least {least}: ids are not negative, and each is above the one before it.", nameof(tokenIds));
            }

            float weight = weights.Span[i];
            if (!float.IsFinite(weight) || weight <= 0)
            {
                throw new ArgumentException($"The weight of token id {id} is {weight}: weights are finite and above 0; leave out a token that does not count.", nameof(weights));
            }
        }

        TokenIds = tokenIds;
        Weights = weights;
    }

    /// <summary>Token ids, ascending.</summary>
    public ReadOnlyMemory<int> TokenIds { get; }

    /// <summary>The weight of each token of <see cref="TokenIds"/>, above 0.</summary>
    public ReadOnlyMemory<float> Weights { get; }

    /// <summary>The dot product with another vector: the sum, over the tokens that both have, of the products of their weights. 0 or more; the score of a passage for a question.</summary>
    /// <param name="other">A vector over the same vocabulary.</param>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    public double Dot(SparseEmbedding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ReadOnlySpan<int> ids = TokenIds.Span, otherIds = other.TokenIds.Span;
        ReadOnlySpan<float> weights = Weights.Span, otherWeights = other.Weights.Span;
        double sum = 0;
        for (int i = 0, j = 0; i < ids.Length && j < otherIds.Length;)
        {
            if (ids[i] == otherIds[j])
            {
                sum += (double)weights[i++] * otherWeights[j++];
            }
            else if (ids[i] < otherIds[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return sum;
    }
}
