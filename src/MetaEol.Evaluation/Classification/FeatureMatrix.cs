namespace MetaEol.Evaluation.Classification;

/// <summary>Feature vectors, one per row. Rows are references, so subsets and folds copy nothing.</summary>
public sealed class FeatureMatrix
{
    private readonly float[][] _rows;

    /// <summary>Creates a matrix over rows, which it does not copy.</summary>
    /// <param name="rows">The rows, <c>[examples × features]</c>, all of one length and finite.</param>
    /// <exception cref="ArgumentException">There is no row, the rows differ in length, or a value is NaN or infinite.</exception>
    public FeatureMatrix(IEnumerable<float[]> rows)
        : this([.. rows])
    {
        if (_rows.Length == 0 || _rows[0].Length == 0)
        {
            throw new ArgumentException("At least one row with at least one feature is needed.", nameof(rows));
        }

        for (int i = 0; i < _rows.Length; i++)
        {
            if (_rows[i].Length != Columns)
            {
                throw new ArgumentException($"Row {i} has {_rows[i].Length} features, row 0 has {Columns}.", nameof(rows));
            }

            if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(_rows[i]))
            {
                throw new ArgumentException($"Row {i} has a value that is NaN or infinite.", nameof(rows));
            }
        }
    }

    private FeatureMatrix(float[][] rows) => _rows = rows;

    /// <summary>Number of rows.</summary>
    public int Rows => _rows.Length;

    /// <summary>Number of features of each row.</summary>
    public int Columns => _rows[0].Length;

    /// <summary>The features of an example.</summary>
    /// <param name="row">The example, <c>0 .. Rows - 1</c>.</param>
    public ReadOnlySpan<float> this[int row] => _rows[row];

    /// <summary>Some of the rows.</summary>
    /// <param name="indices">The rows, each in <c>0 .. Rows - 1</c>.</param>
    public FeatureMatrix Select(IEnumerable<int> indices) => new([.. indices.Select(index => _rows[index])]);
}
