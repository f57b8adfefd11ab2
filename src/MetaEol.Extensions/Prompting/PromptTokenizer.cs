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
    private readonly Lazy<AddedEnds> _addedEnds;
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
        _addedEnds = new Lazy<AddedEnds>(() => AddedEnds.Of(_textTokenizer));
    }

    /// <summary>Most tokens of a prompt.</summary>
    public int ContextTokens { get; }

    /// <summary>The ids of a text that stands alone, without those that the tokenizer adds around it.</summary>
    public ReadOnlySpan<int> OwnTokens(string text) => _addedEnds.Value.Strip(_textTokenizer.Encode(text));

    /// <summary>
    /// Whether everything behind a passage may be read as plain text, as the question must be: so it is where the prompt holds no special tokens there. A tokenizer keeps one part of a text plain, and the passage is one.
    /// </summary>
    /// <exception cref="ArgumentException">The prompt holds special tokens behind the passage, and so does the question.</exception>
    public bool MayReadPlain(RerankPrompt prompt, string question)
    {
        if (!_plainText)
        {
            return false;
        }

        string behind = prompt.Suffix + question;
        int[] questionPlain = EncodePlain(behind, prompt.Suffix.Length.., "The question", nameof(question));
        try
        {
            if (_tokenizer.Encode(behind, ..).AsSpan().SequenceEqual(questionPlain))
            {
                return true;
            }
        }
        catch (NotSupportedException)
        {
            // The prompt's own special tokens are what cannot be kept plain.
            return false;
        }

        return questionPlain.AsSpan().SequenceEqual(_tokenizer.Encode(behind))
            ? false
            : throw new ArgumentException(
                $"The question holds the text of a special token, and so does the rerank prompt behind {RerankOptions.Placeholder}: take it out of either, or set {nameof(MetaEolOptions)}.{nameof(MetaEolOptions.SpecialTokens)} to {nameof(SpecialTokenHandling.Recognize)}.",
                nameof(question));
    }

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
        int[] contexts = prompts.ContinuationLength > 0 ? new int[prompts.TextCount] : [];

        // The tokens before each template's placeholder, and where each prompt's is.
        int[][] heads = prompts.Prepends ? [.. prompts.Templates.Select(template => _tokenizer.Encode(template.BeforeText())[..^_addedEnds.Value.Trailing])] : [];
        int[] placeholders = prompts.Prepends ? new int[tokens.Length] : [];
        void TokenizeOne(int i)
        {
            TokenizeText(prompts, i, measure, heads, tokens.AsSpan(i * templates, templates), prompts.Prepends ? placeholders.AsSpan(i * templates, templates) : []);
            if (contexts.Length > 0)
            {
                (tokens[i], contexts[i]) = FindContinuation(prompts, i, tokens[i]);
            }
        }

        if (threads == 1 || prompts.TextCount == 1)
        {
            for (int i = 0; i < prompts.TextCount; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                TokenizeOne(i);
            }
        }
        else
        {
            try
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
                Parallel.For(0, prompts.TextCount, options, TokenizeOne);
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }

        return contexts.Length > 0 ? TokenizedPrompts.OfContinuations(tokens, contexts, prompts) : TokenizedPrompts.OfTexts(tokens, prompts, prompts.Prepends ? placeholders : null);
    }

    /// <summary>
    /// A prompt's tokens without those that the tokenizer adds at its end, and how many of them are context: those that the prompt has with and without the continuation, but at least one.
    /// So a token that holds the end of the one and the beginning of the other belongs to the continuation.
    /// </summary>
    private (ReadOnlyMemory<int> Tokens, int Context) FindContinuation(PromptSet prompts, int index, ReadOnlyMemory<int> tokens)
    {
        string prompt = prompts.Format(index, 0, out Range plain);
        int end = prompt.Length - prompts.ContinuationLength;
        int plainEnd = Math.Min(plain.End.GetOffset(prompt.Length), end);
        int[] before = Encode(prompts, index, prompt[..end], plain.Start.GetOffset(prompt.Length)..plainEnd);
        tokens = tokens[..^_addedEnds.Value.Trailing];
        int context = Math.Max(1, tokens.Span.CommonPrefixLength(before));
        return context < tokens.Length
            ? (tokens, context)
            : throw new ArgumentException($"In the prompt of passage {index} the question has no token with another before it, so that it has no likelihood: ask a question with words, and let the prompt have words.", prompts.Parameter);
    }

    private void TokenizeText(PromptSet prompts, int index, bool measure, int[][] heads, Span<ReadOnlyMemory<int>> tokens, Span<int> placeholders)
    {
        bool cut = measure || _options.TextOverflow == TextOverflow.Truncate;
        string given = prompts.Text(index);
        if (_logger.IsEnabled(LogLevel.Trace))
        {
            _logger.Text(index, given);
        }

        Limit(prompts, index, cut);
        while (Excess(prompts, index, heads, tokens, placeholders, out Template? template) is int excess and > 0)
        {
            string kept = prompts.Text(index);
            int count = _textTokenizer.CountTokens(kept);
            if (!cut || kept.Length == 0)
            {
                throw TooLong(prompts, index, count, excess, template!);
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
                $"{prompts.Noun} {index} has {tokens} tokens; {nameof(MetaEolOptions.MaxTextTokens)} allows {limit}. Split the text, raise the limit, or set {nameof(MetaEolOptions.TextOverflow)} to {nameof(TextOverflow.Truncate)}.",
                prompts.Parameter);
        }
    }

    /// <summary>Tokenizes a text's prompts; stops at the first that does not fit and returns by how many tokens, or 0.</summary>
    private int Excess(PromptSet prompts, int index, int[][] heads, Span<ReadOnlyMemory<int>> tokens, Span<int> placeholders, out Template? tooLong)
    {
        for (int t = 0; t < tokens.Length; t++)
        {
            string prompt = prompts.Format(index, t, out Range text);
            int[] ids = Encode(prompts, index, prompt, text);
            if (prompts.Prepends)
            {
                // As its own embedding the placeholder has that of the prompt's last token, whose state takes its place further on.
                placeholders[t] = ids.AsSpan().CommonPrefixLength(heads[t]);
                ids = [.. ids.AsSpan(0, placeholders[t]), ids[^1], .. ids.AsSpan(placeholders[t])];
            }

            if (ids.Length > ContextTokens)
            {
                tooLong = prompts.Templates[t];
                return ids.Length - ContextTokens;
            }

            if (Array.FindIndex(ids, id => (uint)id >= (uint)_vocabularySize) is int unknown and >= 0)
            {
                throw new ArgumentException(
                    $"{prompts.Noun} {index} holds a token of id {ids[unknown]}, for which the model has no embedding: its vocabulary has {_vocabularySize} entries, fewer than its tokenizer.", prompts.Parameter);
            }

            tokens[t] = ids;
        }

        tooLong = null;
        return 0;
    }

    private int[] Encode(PromptSet prompts, int index, string prompt, Range text) =>
        _plainText ? EncodePlain(prompt, text, $"{prompts.Noun} {index}", prompts.Parameter) : _tokenizer.Encode(prompt);

    private int[] EncodePlain(string prompt, Range plain, string what, string parameter)
    {
        try
        {
            return _tokenizer.Encode(prompt, plain);
        }
        catch (NotSupportedException e)
        {
            // Some tokenizers can keep plain only what holds no special token.
            throw new ArgumentException($"{what} cannot be read as plain text: {e.Message}", parameter, e);
        }
    }

    private ArgumentException TooLong(PromptSet prompts, int index, int tokens, int excess, Template template)
    {
        int prompt = ContextTokens + excess;
        string message = tokens == 0
            ? prompts.ContinuationLength > 0
                ? $"The rerank prompt and the question have {prompt} tokens without a passage; the model's context is {ContextTokens}. Ask a shorter question."
                : $"Template '{template.Name}' alone has {prompt} tokens; the model's context is {ContextTokens}. Use a shorter template."
            : $"{prompts.Noun} {index} has {tokens} tokens, and its prompt in template '{template.Name}' {prompt}; the model's context is {ContextTokens}. Split the text, or set {nameof(MetaEolOptions.TextOverflow)} to {nameof(TextOverflow.Truncate)}.";
        return new ArgumentException(message, prompts.Parameter);
    }
}
