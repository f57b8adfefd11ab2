using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Kernels;

/// <summary>The weights of a <see cref="Linear"/>: matrices with equal columns, whose rows count as those of one matrix, and their biases.</summary>
internal sealed class LinearWeights
{
    public LinearWeights(ReadOnlySpan<WeightMatrix> parts, ReadOnlySpan<float[]?> biases)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Length, nameof(parts));
        ArgumentOutOfRangeException.ThrowIfNotEqual(biases.Length, parts.Length, nameof(biases));
        Parts = parts.ToArray();
        FirstRows = new int[parts.Length];
        Inputs = parts[0].Columns;
        for (int i = 0; i < parts.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(parts[i].Columns, Inputs, nameof(parts));
            FirstRows[i] = Outputs;
            Outputs = checked(Outputs + parts[i].Rows);
        }

        for (int i = 0; i < parts.Length; i++)
        {
            if (biases[i] is { } bias)
            {
                ArgumentOutOfRangeException.ThrowIfNotEqual(bias.Length, parts[i].Rows, nameof(biases));
                Bias ??= new float[Outputs];
                bias.CopyTo(Bias, FirstRows[i]);
            }
        }
    }

    /// <summary>The matrices.</summary>
    public WeightMatrix[] Parts { get; }

    /// <summary>Index, over all parts, of each part's first row.</summary>
    public int[] FirstRows { get; }

    /// <summary>Columns of every part.</summary>
    public int Inputs { get; }

    /// <summary>Rows of all parts together.</summary>
    public int Outputs { get; }

    /// <summary>Bias of every row, zero where a part has none; null if no part has one.</summary>
    public float[]? Bias { get; }

    /// <summary>The part that holds a row.</summary>
    public int PartOf(int row)
    {
        int part = FirstRows.Length - 1;
        while (FirstRows[part] > row)
        {
            part--;
        }

        return part;
    }
}
