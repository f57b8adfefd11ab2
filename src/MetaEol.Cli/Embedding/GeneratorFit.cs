using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Cli.Embedding;

/// <summary>Measures texts as a generator cuts them.</summary>
internal sealed class GeneratorFit(MetaEolEmbeddingGenerator generator) : ITextFit
{
    public async Task<IReadOnlyList<FittedText>> MeasureAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        await generator.LoadAsync(cancellationToken).ConfigureAwait(false);
        ITokenizer tokenizer = (ITokenizer)generator.GetService(typeof(ITokenizer))!;
        int context = ((PromptEncoderMetadata)generator.GetService(typeof(PromptEncoderMetadata))!).ContextTokens;
        return [.. texts.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(text => Measure(tokenizer, context, text))];
    }

    private FittedText Measure(ITokenizer tokenizer, int context, string text)
    {
        int longest = 0;
        string kept = text;
        while (Prompt(kept) is var tokens && tokens > context)
        {
            longest = Math.Max(longest, tokens);
            int own = tokenizer.CountTokens(kept);
            int end = Math.Min(tokenizer.GetIndexByTokenCount(kept, Math.Max(0, own - (tokens - context))), kept.Length - 1);
            kept = kept[..(end > 0 && char.IsSurrogatePair(kept[end - 1], kept[end]) ? end - 1 : end)];
        }

        return new FittedText(kept.Length, longest, context);

        int Prompt(string part) => generator.TemplateSet.Templates.Max(template => tokenizer.Encode(template.Format(TextCleaner.Clean(part))).Length);
    }
}
