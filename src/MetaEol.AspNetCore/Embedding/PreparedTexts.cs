using System.Diagnostics;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;
using MetaEol.Llama;

namespace MetaEol.AspNetCore.Embedding;

/// <summary>A request's texts, read, counted, and known to fit the model.</summary>
internal sealed class PreparedTexts
{
    // A token of template and text may be cut otherwise where they meet.
    private const int BorderTokens = 8;

    private readonly string _field;
    private readonly bool _isList;
    private bool _inTemplates = true;

    private PreparedTexts(ServedModel model, string[] texts, long[] tokens, EmbeddingInput input)
    {
        Model = model;
        Texts = texts;
        Tokens = tokens;
        _field = input.Field;
        _isList = input.IsList;
    }

    public ServedModel Model { get; }

    public string[] Texts { get; }

    /// <summary>Prompt tokens of each text, near enough for the queue.</summary>
    public long[] Tokens { get; }

    /// <summary>Reads, counts and checks a request's texts.</summary>
    /// <param name="call">The request.</param>
    /// <param name="model">The model.</param>
    /// <param name="input">The texts or token ids.</param>
    /// <param name="truncation">What becomes of a text that does not fit.</param>
    /// <exception cref="RequestFailureException">A text does not fit, or there are too many tokens in all, or token ids cannot be read.</exception>
    public static async Task<PreparedTexts> CreateAsync(EmbeddingCall call, ServedModel model, EmbeddingInput input, Truncation truncation)
    {
        call.Model = model;
        call.Texts = input.Count;
        if (input.Count > call.Gateway.Options.MaxTexts)
        {
            throw new RequestFailureException(FailureKind.Invalid, $"'{input.Field}' has {input.Count} texts; one request may have {call.Gateway.Options.MaxTexts}. Send it in parts.", input.Field);
        }

        await model.LoadAsync(call.Cancellation).ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp();
        ITokenizer? tokenizer = model.Tokenizer;
        string[] texts = input.Texts ?? TokenIdReader.Read(model, input);
        long[] tokens = new long[texts.Length];
        PreparedTexts prepared = new(model, texts, tokens, input);
        long all = 0;
        for (int i = 0; i < texts.Length; i++)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            call.Characters += texts[i].Length;
            int count = PromptCosts.TextTokens(tokenizer, texts[i]);
            if (truncation != Truncation.None || count + (tokenizer is null ? 0 : model.Costs.LongestTemplate(tokenizer)) + BorderTokens > (model.Encoder?.ContextTokens ?? int.MaxValue))
            {
                bool cut = await prepared.FitAsync(i, truncation, call.Cancellation).ConfigureAwait(false);
                count = cut ? PromptCosts.TextTokens(tokenizer, texts[i]) : count;
            }

            all += count;
            if (all > call.Gateway.Options.MaxTokens)
            {
                throw new RequestFailureException(FailureKind.Invalid, $"'{input.Field}' has more than {call.Gateway.Options.MaxTokens} tokens in all. Send it in parts.", input.Field);
            }

            tokens[i] = model.Costs.PromptTokens(tokenizer, count);
        }

        call.TokenizationTime = Stopwatch.GetElapsedTime(started);
        return prepared;
    }

    /// <summary>As <see cref="CreateAsync"/>, for passages that are ranked: their prompts hold the question and no template.</summary>
    public static async Task<PreparedTexts> CreateForRerankAsync(EmbeddingCall call, ServedModel model, string query, string[] passages, bool truncate)
    {
        call.Model = model;
        call.Texts = passages.Length;
        await model.LoadAsync(call.Cancellation).ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp();
        ITokenizer tokenizer = model.Tokenizer!;
        int around = tokenizer.Encode(RerankOptions.DefaultPrompt.Replace(RerankOptions.Placeholder, "", StringComparison.Ordinal) + query).Length;
        int room = Math.Max(0, model.Encoder!.ContextTokens - around - BorderTokens);
        long[] tokens = new long[passages.Length];
        long all = 0;
        for (int i = 0; i < passages.Length; i++)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            call.Characters += passages[i].Length;
            int count = tokenizer.CountTokens(passages[i]);
            if (count > room)
            {
                if (!truncate)
                {
                    throw new RequestFailureException(
                        FailureKind.Invalid, $"'texts[{i}]' has {count} tokens; beside this query {room} fit the model's context of {model.Encoder.ContextTokens} tokens. Split the text, or set 'truncate'.", "texts");
                }

                passages[i] = passages[i][..tokenizer.GetIndexByTokenCount(passages[i], room)];
                count = room;
            }

            all += count;
            if (all > call.Gateway.Options.MaxTokens)
            {
                throw new RequestFailureException(FailureKind.Invalid, $"'texts' has more than {call.Gateway.Options.MaxTokens} tokens in all. Send it in parts.", "texts");
            }

            tokens[i] = count + around;
        }

        call.TokenizationTime = Stopwatch.GetElapsedTime(started);
        return new PreparedTexts(model, passages, tokens, new EmbeddingInput("texts", passages, null, isList: true)) { _inTemplates = false };
    }

    /// <summary>The name of one text, for messages.</summary>
    public string NameOf(int index) => _isList ? $"{_field}[{index}]" : _field;

    /// <summary>What went wrong with some texts, by the names that they have in the request.</summary>
    public async Task<RequestFailureException> ExplainAsync(int first, int count, ArgumentException exception, CancellationToken cancellationToken)
    {
        for (int i = first; _inTemplates && Model.MetaEol is not null && i < first + count; i++)
        {
            await FitAsync(i, Truncation.None, cancellationToken).ConfigureAwait(false);
        }

        return new RequestFailureException(FailureKind.Invalid, exception.Message, _field, exception);
    }

    /// <summary>Sees to it that a text fits; true where it had to be cut.</summary>
    private async Task<bool> FitAsync(int index, Truncation truncation, CancellationToken cancellationToken)
    {
        if (Model.MetaEol is null)
        {
            return false;
        }

        string text = Texts[index];
        TextFit fit = await MeasureAsync(text, cancellationToken).ConfigureAwait(false);
        if (fit.Length >= text.Length)
        {
            return false;
        }

        if (truncation == Truncation.None)
        {
            int tokens = PromptCosts.TextTokens(Model.Tokenizer, text), kept = PromptCosts.TextTokens(Model.Tokenizer, text[..fit.Length]);
            throw new RequestFailureException(
                FailureKind.Invalid,
                $"'{NameOf(index)}' has {tokens} tokens; in the templates of '{Model.Name}' {kept} of them fit the model's context of {Model.Encoder?.ContextTokens} tokens. Split the text, or ask for truncation where this API has it.",
                _field);
        }

        Texts[index] = truncation == Truncation.Right ? text[..fit.Length] : await EndOfAsync(text, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>The longest end of a text that fits, to a character where more characters never take fewer tokens.</summary>
    private async Task<string> EndOfAsync(string text, CancellationToken cancellationToken)
    {
        // The end from `fits` on does fit, that from `tooLong` on does not.
        int tooLong = 0, fits = text.Length;
        while (fits - tooLong > 1)
        {
            int middle = tooLong + ((fits - tooLong) / 2);
            string end = text[middle..];
            TextFit fit = await MeasureAsync(end, cancellationToken).ConfigureAwait(false);
            (tooLong, fits) = fit.Length >= end.Length ? (tooLong, middle) : (middle, fits);
        }

        return text[(fits < text.Length && char.IsLowSurrogate(text[fits]) ? fits + 1 : fits)..];
    }

    private async Task<TextFit> MeasureAsync(string text, CancellationToken cancellationToken) =>
        (await Model.MetaEol!.MeasureAsync([text], Model.Options(), cancellationToken).ConfigureAwait(false))[0];
}
