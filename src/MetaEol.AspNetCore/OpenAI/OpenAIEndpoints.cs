using MetaEol.AspNetCore.Embedding;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;

namespace MetaEol.AspNetCore.OpenAI;

/// <summary><c>/v1/embeddings</c> and <c>/v1/models</c>, as OpenAI has them.</summary>
internal sealed class OpenAIEndpoints(EmbeddingGateway gateway, ModelCatalog catalog)
{
    public async Task EmbedAsync(EmbeddingCall call)
    {
        ServedModel model;
        EmbeddingInput input;
        VectorRequest wanted;
        bool base64;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            model = catalog.Find(body.RequiredText("model"));
            call.Model = model;
            base64 = body.Word("encoding_format", "float", "base64") == "base64";
            wanted = new VectorRequest(body.Number("dimensions", 1));
            _ = body.Text("user");
            input = body.RequiredInput("input", gateway.Options.MaxTexts);
        }

        PreparedTexts prepared = await PreparedTexts.CreateAsync(call, model, input, Truncation.None).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = await VectorRunner.EmbedAsync(call, prepared, wanted).ConfigureAwait(false);

        JsonAnswer answer = new(call.Http.Response, call.Cancellation);
        await using (answer.ConfigureAwait(false))
        {
            answer.Json.WriteStartObject();
            answer.Json.WriteString("object", "list");
            answer.Json.WriteStartArray("data");
            for (int i = 0; i < vectors.Length; i++)
            {
                answer.Json.WriteStartObject();
                answer.Json.WriteString("object", "embedding");
                answer.Json.WriteNumber("index", i);
                answer.Json.WritePropertyName("embedding");
                if (base64)
                {
                    answer.WriteBase64(vectors[i].Span);
                }
                else
                {
                    answer.WriteNumbers(vectors[i].Span);
                }

                answer.Json.WriteEndObject();
                await answer.FlushIfLargeAsync().ConfigureAwait(false);
            }

            answer.Json.WriteEndArray();
            answer.Json.WriteString("model", model.Name);
            answer.Json.WriteStartObject("usage");
            answer.Json.WriteNumber("prompt_tokens", call.Tokens);
            answer.Json.WriteNumber("total_tokens", call.Tokens);
            answer.Json.WriteEndObject();
            answer.Json.WriteEndObject();
        }
    }

    public async Task ListAsync(EmbeddingCall call)
    {
        List<ModelEntry> entries = [];
        foreach (ServedModel model in catalog.Models)
        {
            entries.Add(await EntryAsync(model, call.Cancellation).ConfigureAwait(false));
        }

        await JsonAnswer.WriteAsync(call.Http.Response, new ModelList("list", entries), ServerJsonContext.Default.ModelList, call.Cancellation).ConfigureAwait(false);
    }

    public async Task GetAsync(EmbeddingCall call)
    {
        ServedModel model = catalog.Find(call.Http.Request.RouteValues["id"] as string);
        call.Model = model;
        await JsonAnswer.WriteAsync(call.Http.Response, await EntryAsync(model, call.Cancellation).ConfigureAwait(false), ServerJsonContext.Default.ModelEntry, call.Cancellation).ConfigureAwait(false);
    }

    private async Task<ModelEntry> EntryAsync(ServedModel model, CancellationToken cancellationToken) => new(
        model.Name, "model", gateway.StartedAt, model.MetaEol is null ? "application" : "metaeol", model.Dimensions, model.SmallerDimensions, model.Encoder?.ContextTokens, model.Encoder?.LayerCount, model.TemplateSet?.Name, model.TemplateSet is { HasRoles: true } ? (model.Role ?? TextRole.Document).ToString().ToLowerInvariant() : null,
        await ModelFingerprint.OfAsync(model, cancellationToken).ConfigureAwait(false));
}
