namespace MetaEol.AspNetCore.Embedding;

/// <summary>What is computed of finished vectors.</summary>
internal static class VectorMath
{
    /// <summary>The cosine of two vectors of one length; 0 where one of them is zero.</summary>
    public static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double dot = 0, leftSquares = 0, rightSquares = 0;
        for (int i = 0; i < left.Length; i++)
        {
            dot += (double)left[i] * right[i];
            leftSquares += (double)left[i] * left[i];
            rightSquares += (double)right[i] * right[i];
        }

        double norms = Math.Sqrt(leftSquares) * Math.Sqrt(rightSquares);
        return norms > 0 ? dot / norms : 0;
    }
}
