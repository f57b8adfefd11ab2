using System.Reflection;
using MetaEol.AspNetCore.Embedding;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;
using MetaEol.Llama;

namespace MetaEol.AspNetCore.TextEmbeddingsInference;

/// <summary>The routes of Text Embeddings Inference, over the default model and its template sets.</summary>
internal sealed class TeiEndpoints(EmbeddingGateway gateway, ModelCatalog catalog)
{
    public static string Version { get; } = typeof(TeiEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    public async Task EmbedAsync(EmbeddingCall call)
    {
        (PreparedTexts prepared, VectorRequest wanted) = await ReadAsync(call).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = await VectorRunner.EmbedAsync(call, prepared, wanted).ConfigureAwait(false);
        TeiHeaders.Add(call);
        JsonAnswer answer = new(call.Http.Response, call.Cancellation);
        await using (answer.ConfigureAwait(false))
        {
            answer.Json.WriteStartArray();
            foreach (ReadOnlyMemory<float> vector in vectors)
            {
                answer.WriteNumbers(vector.Span);
                await answer.FlushIfLargeAsync().ConfigureAwait(false);
            }

            answer.Json.WriteEndArray();
        }
    }

    public async Task EmbedAllAsync(EmbeddingCall call)
    {
        (PreparedTexts prepared, VectorRequest wanted) = await ReadAsync(call).ConfigureAwait(false);
        ReadOnlyMemory<float>[][] views = await VectorRunner.EmbedViewsAsync(call, prepared, wanted).ConfigureAwait(false);
        TeiHeaders.Add(call);
        JsonAnswer answer = new(call.Http.Response, call.Cancellation);
        await using (answer.ConfigureAwait(false))
        {
            answer.Json.WriteStartArray();
            foreach (ReadOnlyMemory<float>[] text in views)
            {
                answer.Json.WriteStartArray();
                foreach (ReadOnlyMemory<float> view in text)
                {
                    answer.WriteNumbers(view.Span);
                    await answer.FlushIfLargeAsync().ConfigureAwait(false);
                }

                answer.Json.WriteEndArray();
            }

            answer.Json.WriteEndArray();
        }
    }

    public async Task EmbedSparseAsync(EmbeddingCall call)
    {
        (PreparedTexts prepared, _) = await ReadAsync(call).ConfigureAwait(false);
        MetaEolEmbeddingGenerator generator = VectorRunner.MetaEolOf(prepared.Model, "sparse vectors");
        SparseEmbeddingOptions options = new() { TemplateSet = prepared.Model.TemplateSet, Role = prepared.Model.Role };
        SparseEmbedding[] vectors = await TextRunner.RunAsync(
            call, prepared, (texts, cancellationToken) => generator.GenerateSparseAsync(texts, options, cancellationToken)).ConfigureAwait(false);
        call.Tokens = prepared.Tokens.Sum();
        TeiHeaders.Add(call);
        JsonAnswer answer = new(call.Http.Response, call.Cancellation);
        await using (answer.ConfigureAwait(false))
        {
            answer.Json.WriteStartArray();
            foreach (SparseEmbedding vector in vectors)
            {
                answer.Json.WriteStartArray();
                for (int i = 0; i < vector.TokenIds.Length; i++)
                {
                    answer.Json.WriteStartObject();
                    answer.Json.WriteNumber("index", vector.TokenIds.Span[i]);
                    answer.Json.WriteNumber("value", vector.Weights.Span[i]);
                    answer.Json.WriteEndObject();
                }

                answer.Json.WriteEndArray();
                await answer.FlushIfLargeAsync().ConfigureAwait(false);
            }

            answer.Json.WriteEndArray();
        }
    }

    public async Task RerankAsync(EmbeddingCall call)
    {
        string query;
        string[] texts;
        bool raw, withText, truncate;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            query = body.RequiredText("query");
            texts = body.RequiredTexts("texts", gateway.Options.MaxTexts);
            raw = body.Flag("raw_scores", false);
            withText = body.Flag("return_text", false);
            truncate = ReadTruncation(body) != Truncation.None;
        }

        if (texts.Length == 0)
        {
            throw new RequestFailureException(FailureKind.Empty, "'texts' is an empty list: write at least one text.", "texts");
        }

        if (string.IsNullOrWhiteSpace(query))
        {
            throw new RequestFailureException(FailureKind.Invalid, "'query' is blank: write a question.", "query");
        }

        call.Model = catalog.Default;
        MetaEolEmbeddingGenerator generator = VectorRunner.MetaEolOf(catalog.Default, "scores of passages");
        string[] passages = [.. texts];
        PreparedTexts prepared = await PreparedTexts.CreateForRerankAsync(call, catalog.Default, query, passages, truncate).ConfigureAwait(false);
        double[] scores = await TextRunner.RunAsync<double>(
            call,
            prepared,
            async (part, cancellationToken) =>
                [.. (await generator.RerankAsync(query, part, options: null, cancellationToken).ConfigureAwait(false)).OrderBy(passage => passage.Index).Select(passage => passage.Score)]).ConfigureAwait(false);
        call.Tokens = prepared.Tokens.Sum();
        TeiHeaders.Add(call);

        // A mean log-likelihood is at most 0; its exponential, the probability that a token has on average, is between 0 and 1 and ranks alike.
        RankedText[] ranked = [.. scores
            .Select((score, index) => new RankedText(index, raw ? score : Math.Exp(score), withText ? texts[index] : null))
            .OrderByDescending(text => text.Score).ThenBy(text => text.Index)];
        await JsonAnswer.WriteAsync(call.Http.Response, ranked, ServerJsonContext.Default.RankedTextArray, call.Cancellation).ConfigureAwait(false);
    }

    public async Task SimilarityAsync(EmbeddingCall call)
    {
        string[] texts;
        ServedModel model;
        Truncation truncation;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            using JsonBody inputs = body.RequiredObject("inputs");
            texts = [inputs.RequiredText("source_sentence"), .. inputs.RequiredTexts("sentences", gateway.Options.MaxTexts - 1)];
            using JsonBody? parameters = body.OptionalObject("parameters");
            truncation = ReadTruncation(parameters ?? body);
            model = ReadModel(parameters ?? body);
        }

        if (texts.Length == 1)
        {
            throw new RequestFailureException(FailureKind.Empty, "'inputs.sentences' is an empty list: write at least one text.", "inputs.sentences");
        }

        PreparedTexts prepared = await PreparedTexts.CreateAsync(call, model, new EmbeddingInput("inputs", texts, null, isList: true), truncation).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = await VectorRunner.EmbedAsync(call, prepared, new VectorRequest()).ConfigureAwait(false);
        double[] similarities = [.. vectors.Skip(1).Select(vector => VectorMath.Cosine(vectors[0].Span, vector.Span))];
        TeiHeaders.Add(call);
        await JsonAnswer.WriteAsync(call.Http.Response, similarities, ServerJsonContext.Default.DoubleArray, call.Cancellation).ConfigureAwait(false);
    }

    public async Task TokenizeAsync(EmbeddingCall call)
    {
        string[] texts;
        bool addSpecial;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            EmbeddingInput input = body.RequiredInput("inputs", gateway.Options.MaxTexts, FailureKind.Empty);
            texts = input.Texts ?? throw new RequestFailureException(FailureKind.Invalid, "'inputs' holds token ids: write texts.", "inputs");
            addSpecial = body.Flag("add_special_tokens", true);
        }

        ServedModel model = catalog.Default;
        call.Model = model;
        await model.LoadAsync(call.Cancellation).ConfigureAwait(false);
        ITokenizer tokenizer = model.Tokenizer ?? throw new RequestFailureException(FailureKind.Backend, $"The tokenizer of '{model.Name}' is not known here.");
        long limit = gateway.Options.MaxTokens;
        List<TextToken[]> tokens = [];
        foreach (string text in texts)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            TextToken[] found = TokenPlaces.Find(tokenizer, text, addSpecial);
            limit -= found.Length;
            tokens.Add(limit >= 0 ? found : throw new RequestFailureException(FailureKind.Invalid, $"'inputs' has more than {gateway.Options.MaxTokens} tokens in all. Send it in parts.", "inputs"));
        }

        await JsonAnswer.WriteAsync(call.Http.Response, [.. tokens], ServerJsonContext.Default.TextTokenArrayArray, call.Cancellation).ConfigureAwait(false);
    }

    public async Task InfoAsync(EmbeddingCall call)
    {
        ServedModel model = catalog.Default;
        call.Model = model;
        await model.LoadAsync(call.Cancellation).ConfigureAwait(false);
        int? longest = model.Encoder is { } encoder && model.Tokenizer is { } tokenizer ? Math.Max(0, encoder.ContextTokens - model.Costs.LongestTemplate(tokenizer)) : null;
        ServerInfo info = new(
            model.Name,
            await ModelFingerprint.OfAsync(model, call.Cancellation).ConfigureAwait(false),
            (model.Generator.GetService(typeof(IPromptEncoder)) as IPromptEncoder)?.Precision ?? "unknown",
            new ModelType(new PoolingType("last_token")),
            gateway.Options.MaxConcurrentRequests,
            longest,
            gateway.Options.RunningTokens,
            gateway.Options.MaxTexts,
            AutoTruncate: false,
            Environment.ProcessorCount,
            Version);
        await JsonAnswer.WriteAsync(call.Http.Response, info, ServerJsonContext.Default.ServerInfo, call.Cancellation).ConfigureAwait(false);
    }

    private async Task<(PreparedTexts Prepared, VectorRequest Wanted)> ReadAsync(EmbeddingCall call)
    {
        EmbeddingInput input;
        VectorRequest wanted;
        Truncation truncation;
        ServedModel model;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            input = body.RequiredInput("inputs", gateway.Options.MaxTexts, FailureKind.Empty);
            wanted = new VectorRequest(body.Number("dimensions", 1), Normalize: body.Flag("normalize", true));
            truncation = ReadTruncation(body);
            model = ReadModel(body);
        }

        return (await PreparedTexts.CreateAsync(call, model, input, truncation).ConfigureAwait(false), wanted);
    }

    private static Truncation ReadTruncation(JsonBody body)
    {
        string direction = body.Word("truncation_direction", "Right", "Left");
        return !body.Flag("truncate", false) ? Truncation.None : direction == "Left" ? Truncation.Left : Truncation.Right;
    }

    /// <summary>TEI has one model; its prompts by name are the model's template sets here.</summary>
    private ServedModel ReadModel(JsonBody body) => body.Text("prompt_name") is { } prompt ? catalog.FindSet(catalog.Default, prompt) : catalog.Default;
}
