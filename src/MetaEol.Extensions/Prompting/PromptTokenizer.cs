using System.Runtime.ExceptionServices;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Prompting;

/// <summary>Makes every text's prompts and their token ids, and sees to it that each fits the model.</summary>
internal sealed class PromptTokenizer
{
    // Below this many characters of prompts the work takes a few milliseconds, and spreading it over threads does not pay.
    private const long ParallelCharacters = 1 << 17;

    private readonly ITokenizer _tokenizer;
    private readonly MetaEolOptions _options;
    private readonly ILogger _logger;
    private readonly int _vocabularySize;

    public PromptTokenizer(ITokenizer tokenizer, PromptEncoderMetadata encoder, MetaEolOptions options, ILogger logger)
    {
        _tokenizer = tokenizer;
        _options = options;
        _logger = logger;
        _vocabularySize = encoder.VocabularySize;
        ContextTokens = encoder.ContextTokens;
    }

    /// <summary>Most tokens of a prompt.</summary>
    public int ContextTokens { get; }

    /// <summary>Tokenizes all prompts: small requests on the caller's thread, large ones on several.</summary>
    /// <exception cref="ArgumentException">A text has too many tokens, and the options do not say to cut it.</exception>
    public Task<TokenizedPrompts> TokenizeAsync(IReadOnlyList<string> texts, TemplateSet templates, CancellationToken cancellationToken)
    {
        long characters = texts.Sum(text => (long)text.Length + 200) * templates.Templates.Count;
        return characters < ParallelCharacters
            ? Task.FromResult(Tokenize(texts, templates, 1, cancellationToken))
            : Task.Run(() => Tokenize(texts, templates, _options.Threads ?? Environment.ProcessorCount, cancellationToken), cancellationToken);
    }

    private TokenizedPrompts Tokenize(IReadOnlyList<string> texts, TemplateSet set, int threads, CancellationToken cancellationToken)
    {
        int count = set.Templates.Count;
        var prompts = new ReadOnlyMemory<int>[checked(texts.Count * count)];
        if (threads == 1 || texts.Count == 1)
        {
            for (int i = 0; i < texts.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                TokenizeText(i, texts[i], set, prompts.AsSpan(i * count, count));
            }
        }
        else
        {
            try
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
                Parallel.For(0, texts.Count, options, i => TokenizeText(i, texts[i], set, prompts.AsSpan(i * count, count)));
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }

        return new TokenizedPrompts(prompts, count);
    }

    private void TokenizeText(int index, string text, TemplateSet set, Span<ReadOnlyMemory<int>> prompts)
    {
        if (_logger.IsEnabled(LogLevel.Trace))
        {
            _logger.Text(index, text);
        }

        string kept = Limit(index, text);
        while (Excess(index, kept, set, prompts, out Template? template) is int excess and > 0)
        {
            int tokens = _tokenizer.CountTokens(kept);
            if (_options.TextOverflow == TextOverflow.Error || kept.Length == 0)
            {
                throw TooLong(index, tokens, excess, template!);
            }

            // Cutting may change the tokens at the border, so the loop looks again; each turn takes at least one character away.
            int end = Math.Min(_tokenizer.GetIndexByTokenCount(kept, Math.Max(0, tokens - excess)), kept.Length - 1);
            kept = kept[..(end > 0 && char.IsSurrogatePair(kept[end - 1], kept[end]) ? end - 1 : end)];
        }

        if (kept.Length < text.Length)
        {
            _logger.Truncated(index, text.Length, kept.Length);
        }
    }

    /// <summary>Applies <see cref="MetaEolOptions.MaxTextTokens"/>.</summary>
    private string Limit(int index, string text)
    {
        if (_options.TextOverflow == TextOverflow.Truncate)
        {
            return text[.._tokenizer.GetIndexByTokenCount(text, Math.Min(_options.MaxTextTokens ?? ContextTokens, ContextTokens))];
        }

        if (_options.MaxTextTokens is int limit && _tokenizer.CountTokens(text) is int tokens && tokens > limit)
        {
            throw new ArgumentException(
                $"Text {index} has {tokens} tokens; {nameof(MetaEolOptions.MaxTextTokens)} allows {limit}. Split the text, raise the limit, or set {nameof(MetaEolOptions.TextOverflow)} to {nameof(TextOverflow.Truncate)}.",
                "values");
        }

        return text;
    }

    /// <summary>Fills in the prompts; stops at the first that does not fit and returns by how many tokens, or 0.</summary>
    private int Excess(int index, string text, TemplateSet set, Span<ReadOnlyMemory<int>> prompts, out Template? tooLong)
    {
        string cleaned = _options.CleanText ? TextCleaner.Clean(text) : text;
        for (int t = 0; t < set.Templates.Count; t++)
        {
            tooLong = set.Templates[t];
            int[] ids = _tokenizer.Encode(tooLong.Format(cleaned));
            if (ids.Length > ContextTokens)
            {
                return ids.Length - ContextTokens;
            }

            if (ids.Length == 0)
            {
                throw new ArgumentException($"The prompt of text {index} in template '{tooLong.Name}' has no tokens: the model needs at least one.", "values");
            }

            if (Array.FindIndex(ids, id => (uint)id >= (uint)_vocabularySize) is int unknown and >= 0)
            {
                throw new ArgumentException(
                    $"Text {index} holds a token of id {ids[unknown]}, for which the model has no embedding: its vocabulary has {_vocabularySize} entries, fewer than its tokenizer.", "values");
            }

            prompts[t] = ids;
        }

        tooLong = null;
        return 0;
    }

    private ArgumentException TooLong(int index, int tokens, int excess, Template template)
    {
        int prompt = ContextTokens + excess;
        return tokens == 0
            ? new ArgumentException($"Template '{template.Name}' alone has {prompt} tokens; the model's context is {ContextTokens}. Use a shorter template.", "values")
            : new ArgumentException(
                $"Text {index} has {tokens} tokens, and its prompt in template '{template.Name}' {prompt}; the model's context is {ContextTokens}. Split the text, or set {nameof(MetaEolOptions.TextOverflow)} to {nameof(TextOverflow.Truncate)}.",
                "values");
    }
}
