using System.Runtime.InteropServices;
using MetaEol.Extensions;

namespace MetaEol.Retrieval.Ranking;

/// <summary>The sparse vectors of all passages as they stood at one moment, in memory: for each token the passages that have it. Safe for use by many threads at once.</summary>
internal sealed class PassageTerms
{
    private readonly Dictionary<int, (int[] Places, ushort[] Weights)> _lists;

    private PassageTerms(long generation, long[] ids, Dictionary<int, (int[] Places, ushort[] Weights)> lists)
    {
        Generation = generation;
        Ids = ids;
        _lists = lists;
    }

    /// <summary>The state of the index that they are of.</summary>
    public long Generation { get; }

    /// <summary>The passages' ids, in ascending order.</summary>
    public long[] Ids { get; }

    /// <summary>Whether any passage has terms: an index may be made without.</summary>
    public bool Any => _lists.Count > 0;

    /// <summary>Takes the sparse vectors of all passages, in the order of their ids.</summary>
    public static PassageTerms Create(long generation, IEnumerable<(long Id, byte[] Terms)> passages)
    {
        List<long> ids = [];
        Dictionary<int, (List<int> Places, List<ushort> Weights)> lists = [];
        foreach ((long id, byte[] terms) in passages)
        {
            (ReadOnlySpan<int> tokens, ReadOnlySpan<ushort> weights) = Unpack(terms);
            for (int i = 0; i < tokens.Length; i++)
            {
                if (!lists.TryGetValue(tokens[i], out (List<int> Places, List<ushort> Weights) list))
                {
                    lists.Add(tokens[i], list = ([], []));
                }

                list.Places.Add(ids.Count);
                list.Weights.Add(weights[i]);
            }

            ids.Add(id);
        }

        return new PassageTerms(generation, [.. ids], lists.ToDictionary(list => list.Key, list => (list.Value.Places.ToArray(), list.Value.Weights.ToArray())));
    }

    /// <summary>A sparse vector of whole numbers as it is stored: the token ids, 4 bytes each, and then the weights, 2 bytes each; little-endian.</summary>
    public static byte[] Pack(SparseEmbedding terms)
    {
        ushort[] weights = Array.ConvertAll(terms.Weights.ToArray(), weight => (ushort)Math.Clamp(weight, 1, ushort.MaxValue));
        return [.. MemoryMarshal.AsBytes(terms.TokenIds.Span), .. MemoryMarshal.AsBytes<ushort>(weights)];
    }

    /// <summary>A sparse vector that was stored.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static SparseEmbedding Read(byte[] terms)
    {
        (ReadOnlySpan<int> tokens, ReadOnlySpan<ushort> weights) = Unpack(terms);
        return new SparseEmbedding(tokens.ToArray(), Array.ConvertAll(weights.ToArray(), weight => (float)weight));
    }

    /// <summary>The dot product of every passage with a question, by the passages' places; 0 where they have no token in common.</summary>
    public double[] Score(SparseEmbedding question)
    {
        double[] scores = new double[Ids.Length];
        for (int i = 0; i < question.TokenIds.Length; i++)
        {
            if (_lists.TryGetValue(question.TokenIds.Span[i], out (int[] Places, ushort[] Weights) list))
            {
                double weight = question.Weights.Span[i];
                for (int j = 0; j < list.Places.Length; j++)
                {
                    scores[list.Places[j]] += weight * list.Weights[j];
                }
            }
        }

        return scores;
    }

    // It comes from a file that is not trusted.
    private static (int[] Tokens, ushort[] Weights) Unpack(byte[] terms)
    {
        const int TermBytes = sizeof(int) + sizeof(ushort);
        int count = terms.Length / TermBytes;
        int[] tokens = MemoryMarshal.Cast<byte, int>(terms.AsSpan(0, count * sizeof(int))).ToArray();
        ushort[] weights = MemoryMarshal.Cast<byte, ushort>(terms.AsSpan(count * sizeof(int))).ToArray();
        bool ascending = count == 0 || tokens[0] >= 0;
        for (int i = 1; i < count; i++)
        {
            ascending &= tokens[i] > tokens[i - 1];
        }

        return terms.Length % TermBytes == 0 && ascending && !weights.Contains((ushort)0)
            ? (tokens, weights)
            : throw new FormatException($"A sparse vector of {terms.Length} bytes is not one of ascending tokens with weights.");
    }
}
