using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>The tokens that are added around a text: a template of ids and of the text itself. Immutable.</summary>
internal sealed class PostProcessor
{
    private readonly int[]?[] _parts;

    /// <param name="parts">Ids to add, in order; null stands for the text's own tokens.</param>
    public PostProcessor(IEnumerable<int[]?> parts)
    {
        _parts = [.. parts];
    }

    /// <summary>Adds nothing.</summary>
    public static PostProcessor None { get; } = new([null]);

    /// <summary>The largest id that it adds, or -1.</summary>
    public int MaximumId
    {
        get
        {
            int maximum = -1;
            foreach (int[]? part in _parts)
            {
                foreach (int id in part ?? [])
                {
                    maximum = Math.Max(maximum, id);
                }
            }

            return maximum;
        }
    }

    /// <summary>Adds the template to a hash.</summary>
    public void AppendTo(ContentHash hash)
    {
        hash.Append(_parts.Length);
        foreach (int[]? part in _parts)
        {
            hash.Append(part ?? [-1]);
        }
    }

    public int[] Apply(ReadOnlySpan<int> ids)
    {
        int length = 0;
        foreach (int[]? part in _parts)
        {
            length += part?.Length ?? ids.Length;
        }

        int[] result = new int[length];
        Span<int> rest = result;
        foreach (int[]? part in _parts)
        {
            ReadOnlySpan<int> source = part ?? ids;
            source.CopyTo(rest);
            rest = rest[source.Length..];
        }

        return result;
    }
}
