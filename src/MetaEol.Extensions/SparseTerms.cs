namespace MetaEol.Extensions;

/// <summary>Which tokens a sparse vector is made of.</summary>
public enum SparseTerms
{
    /// <summary>
    /// Tokens of the text's own words, as PromptReps does it (arXiv 2404.18424): of the lower-cased text the words without English stop words and punctuation, each word tokenized alone; where no token is left, the ten
    /// heaviest of the vocabulary. Weights are multiplied by 100 and rounded, half to even, to whole numbers.
    /// </summary>
    TextWords,

    /// <summary>All tokens of the vocabulary: what the model would say, whether it stands in the text or not. Weights are not rounded.</summary>
    Vocabulary,
}
