using MetaEol.Extensions.DependencyInjection;
using MetaEol.Extensions.MLTokenizers;
using Microsoft.ML.Tokenizers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a tokenizer of Microsoft.ML.Tokenizers in the place of the built-in one.</summary>
public static class MLTokenizersMetaEolEmbeddingsBuilderExtensions
{
    /// <summary>Tokenizes with a tokenizer of Microsoft.ML.Tokenizers.</summary>
    /// <param name="builder">The registered generator.</param>
    /// <param name="createTokenizer">Makes the tokenizer for the full path of the model folder, once, when the model is loaded.</param>
    /// <param name="options">What the tokenizer does not tell about itself; null takes the defaults.</param>
    public static MetaEolEmbeddingsBuilder UseMLTokenizer(this MetaEolEmbeddingsBuilder builder, Func<string, Tokenizer> createTokenizer, MLTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(createTokenizer);
        return builder.UseTokenizer((_, folder) => new MLTokenizer(createTokenizer(folder), options));
    }
}
