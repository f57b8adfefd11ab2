using System.Runtime.ExceptionServices;
using MetaEol.Extensions.Diagnostics;
using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Prompting;

/// <summary>Gives every prompt's token ids, and sees to it that each prompt fits the model.</summary>
internal sealed class PromptTokenizer
{
    // Below this many characters of prompts the work takes a few milliseconds, and spreading it over threads does not pay.
    private const long ParallelCharacters = 1 << 17;

    private readonly ITokenizer _tokenizer;
    private readonly ITokenizer _textTokenizer;
    private readonly MetaEolOptions _options;
    private readonly ILogger _logger;
    private readonly int _vocabularySize;
    private readonly bool _plainText;

    /// <exception cref="NotSupportedException">The options ask for texts as plain text, and the tokenizer cannot tell a text from the prompt around it.</exception>
    public PromptTokenizer(ITokenizer tokenizer, PromptEncoderMetadata encoder, MetaEolOptions options, ILogger logger)
    {
        _tokenizer = tokenizer;
        _options = options;
        _logger = logger;
        _vocabularySize = encoder.VocabularySize;
        ContextTokens = encoder.ContextTokens;

        // A tokenizer that reads everything as plain text needs not be told what comes from a user.
        _plainText = options.SpecialTokens == SpecialTokenHandling.PlainText && tokenizer.SpecialTokens == SpecialTokenHandling.Recognize;
        if (_plainText)
        {
            ThrowIfUnableToTellApart(tokenizer);
        }

        _textTokenizer = _plainText ? ForCounting(tokenizer) : tokenizer;
    }

    /// <summary>Most tokens of a prompt.</summary>
    public int ContextTokens { get; }

    /// <summary>Tokenizes all prompts: small requests on the caller's thread, large ones on several.</summary>
    /// <exception cref="ArgumentException">A text has too many tokens, and the options do not say to cut it.</exception>
    public Task<TokenizedPrompts> TokenizeAsync(PromptSet prompts, CancellationToken cancellationToken) => TokenizeAsync(prompts, measure: false, cancellationToken);

    /// <summary>Tokenizes all prompts of what fits of each text; the rest is cut off the set's texts, whatever the options say.</summary>
    public Task<TokenizedPrompts> MeasureAsync(PromptSet prompts, CancellationToken cancellationToken) => TokenizeAsync(prompts, measure: true, cancellationToken);

    private Task<TokenizedPrompts> TokenizeAsync(PromptSet prompts, bool measure, CancellationToken cancellationToken)
    {
        long characters = 0;
        for (int i = 0; i < prompts.TextCount; i++)
        {
            characters += (prompts.Text(i).Length + 200L) * prompts.Templates.Count;
        }

        return characters < ParallelCharacters
            ? Task.FromResult(Tokenize(prompts, measure, 1, cancellationToken))
            : Task.Run(() => Tokenize(prompts, measure, _options.Cpu.Threads, cancellationToken), cancellationToken);
    }

    private static void ThrowIfUnableToTellApart(ITokenizer tokenizer)
    {
        try
        {
            _ = tokenizer.Encode(" ", ..1);
        }
        catch (NotSupportedException e)
        {
            throw new NotSupportedException(
                $"{tokenizer.GetType().Name} cannot read a part of a prompt as plain text, so that a text can smuggle in special tokens: implement {nameof(ITokenizer)}.{nameof(ITokenizer.Encode)}(string, Range), "
                + $"or set {nameof(MetaEolOptions)}.{nameof(MetaEolOptions.SpecialTokens)} to {nameof(SpecialTokenHandling.Recognize)} where texts may hold them. ({e.Message})",
                e);
        }
    }

    /// <summary>The tokenizer that counts a text's own tokens: for limits, so that one that cannot count as it encodes will do.</summary>
    private static ITokenizer ForCounting(ITokenizer tokenizer)
    {
        try
        {
            return tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText);
        }
        catch (NotSupportedException)
        {
            return tokenizer;
        }
    }

    private TokenizedPrompts Tokenize(PromptSet prompts, bool measure, int threads, CancellationToken cancellationToken)
    {
        int templates = prompts.Templates.Count;
        var tokens = new ReadOnlyMemory<int>[checked(prompts.TextCount * templates)];
        if (threads == 1 || prompts.TextCount == 1)
        {
            for (int i = 0; i < prompts.TextCount; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                TokenizeText(prompts, i, measure, tokens.AsSpan(i * templates, templates));
            }
        }
        else
        {
            try
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
                Parallel.For(0, prompts.TextCount, options, i => TokenizeText(prompts, i, measure, tokens.AsSpan(i * templates, templates)));
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }

        return TokenizedPrompts.OfTexts(tokens, prompts.Templates);
    }

    private void TokenizeText(PromptSet prompts, int index, bool measure, Span<ReadOnlyMemory<int>> tokens)
    {
        bool cut = measure || _options.TextOverflow == TextOverflow.Truncate;
        string given = prompts.Text(index);
        if (_logger.IsEnabled(LogLevel.Trace))
        {
            _logger.Text(index, given);
        }

        Limit(prompts, index, cut);
        while (Excess(prompts, index, tokens, out Template? template) is int excess and > 0)
        {
            string kept = prompts.Text(index);
            int count = _textTokenizer.CountTokens(kept);
            if (!cut || kept.Length == 0)
            {
                throw TooLong(index, count, excess, template!);
            }

            // Cutting may change the tokens at the border, so the loop looks again; each turn takes at least one character away.
            int end = Math.Min(_textTokenizer.GetIndexByTokenCount(kept, Math.Max(0, count - excess)), kept.Length - 1);
            prompts.Cut(index, end > 0 && char.IsSurrogatePair(kept[end - 1], kept[end]) ? end - 1 : end);
        }

        if (!measure && prompts.Text(index).Length < given.Length)
        {
            _logger.Truncated(index, given.Length, prompts.Text(index).Length);
        }
    }

    /// <summary>Applies <see cref="MetaEolOptions.MaxTextTokens"/>.</summary>
    private void Limit(PromptSet prompts, int index, bool cut)
    {
        string text = prompts.Text(index);
        if (cut)
        {
            int end = _textTokenizer.GetIndexByTokenCount(text, Math.Min(_options.MaxTextTokens ?? ContextTokens, ContextTokens));
            if (end < text.Length)
            {
                prompts.Cut(index, end);
            }
        }
        else if (_options.MaxTextTokens is int limit && _textTokenizer.CountTokens(text) is int tokens && tokens > limit)
        {
            throw new ArgumentException(
                $"Text {index} has {tokens} tokens; {nameof(MetaEolOptions.MaxTextTokens)} allows {limit}. Split the text, raise the limit, or set {nameof(MetaEolOptions.TextOverflow)} to {nameof(TextOverflow.Truncate)}.",
                "values");
        }
    }

    /// <summary>Tokenizes a text's prompts; stops at the first that does not fit and returns by how many tokens, or 0.</summary>
    private int Excess(PromptSet prompts, int index, Span<ReadOnlyMemory<int>> tokens, out Template? tooLong)
    {
        for (int t = 0; t < tokens.Length; t++)
        {
            string prompt = prompts.Format(index, t, out Range text);
            int[] ids = _plainText ? EncodePlain(index, prompt, text) : _tokenizer.Encode(prompt);
            if (ids.Length > ContextTokens)
            {
                tooLong = prompts.Templates[t];
                return ids.Length - ContextTokens;
            }

            if (Array.FindIndex(ids, id => (uint)id >= (uint)_vocabularySize) is int unknown and >= 0)
            {
                throw new ArgumentException(
                    $"Text {index} holds a token of id {ids[unknown]}, for which the model has no embedding: its vocabulary has {_vocabularySize} entries, fewer than its tokenizer.", "values");
            }

            tokens[t] = ids;
        }

        tooLong = null;
        return 0;
    }

    private int[] EncodePlain(int index, string prompt, Range text)
    {
        try
        {
            return _tokenizer.Encode(prompt, text);
        }
        catch (NotSupportedException e)
        {
            // Some tokenizers can keep plain only what holds no special token.
            throw new ArgumentException($"Text {index} cannot be read as plain text: {e.Message}", "values", e);
        }
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
