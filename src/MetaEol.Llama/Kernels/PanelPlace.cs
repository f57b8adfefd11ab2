namespace MetaEol.Llama.Kernels;

/// <summary>Where a panel of outputs lies.</summary>
/// <param name="Part">The part whose rows it has; 0 where panels go across parts.</param>
/// <param name="Row">Its first row in that part, or over all parts.</param>
/// <param name="Output">Its first output.</param>
/// <param name="Count">Its outputs that there are, at most a panel's width.</param>
internal readonly record struct PanelPlace(int Part, int Row, int Output, int Count)
{
    /// <summary>Panels of all outputs, as if the parts were one matrix.</summary>
    public static PanelPlace[] Across(LinearWeights weights, int width) => [.. Of(0, 0, weights.Outputs, width)];

    /// <summary>Panels of each part by itself.</summary>
    public static PanelPlace[] OfParts(LinearWeights weights, int width) =>
        [.. weights.Parts.SelectMany((matrix, part) => Of(part, weights.FirstRows[part], matrix.Rows, width))];

    private static IEnumerable<PanelPlace> Of(int part, int firstOutput, int rows, int width)
    {
        for (int row = 0; row < rows; row += width)
        {
            yield return new PanelPlace(part, row, firstOutput + row, Math.Min(width, rows - row));
        }
    }
}
