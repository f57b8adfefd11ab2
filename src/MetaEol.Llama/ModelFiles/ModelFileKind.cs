namespace MetaEol.Llama.ModelFiles;

/// <summary>One of the files of a model folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MaximumLength">The most bytes it may have: many times what published models have.</param>
/// <param name="Purpose">What is expected there, as the end of a sentence.</param>
internal sealed record ModelFileKind(string Name, int MaximumLength, string Purpose)
{
    public static ModelFileKind Config { get; } = new("config.json", 16 << 20, "a model folder has the model's configuration in it");

    public static ModelFileKind TokenizerJson { get; } = new("tokenizer.json", 256 << 20, "expected a tokenizer of Hugging Face");

    public static ModelFileKind SentencePiece { get; } = new("tokenizer.model", 256 << 20, "expected a tokenizer of SentencePiece");

    public static ModelFileKind TokenizerConfig { get; } = new("tokenizer_config.json", 64 << 20, "expected the tokenizer's settings");

    public static ModelFileKind SpecialTokensMap { get; } = new("special_tokens_map.json", 16 << 20, "expected the tokenizer's special tokens");

    public static ModelFileKind WeightIndex { get; } = new("model.safetensors.index.json", 100_000_000, "expected an index of weight shards");
}
