namespace MetaEol.Extensions.MLTokenizers;

/// <summary>What a Microsoft.ML.Tokenizers tokenizer does not tell about itself.</summary>
public sealed record MLTokenizerOptions
{
    /// <summary>
    /// Number of token ids, special ones included. Null (the default) takes the tokenizer's vocabulary, where it has one to show: Tiktoken and WordPiece
    /// tokenizers have not.
    /// </summary>
    public int? VocabularySize { get; init; }

    /// <summary>
    /// The id that begins every prompt, for tokenizers that do not put one there themselves. Null (the default) adds none, but keeps the one of a SentencePiece,
    /// BPE or CodeGen tokenizer that was created to add it. Never an end of sentence: the vector of a prompt is its last token's.
    /// </summary>
    public int? BeginningOfSentenceId { get; init; }
}
