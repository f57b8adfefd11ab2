using MetaEol.AspNetCore.Embedding;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.AspNetCore.TextEmbeddingsInference;
using MetaEol.Llama;

namespace MetaEol.AspNetCore.Ollama;

/// <summary>Ollama's routes for embeddings. Unlike Ollama, a text that is too long is an error unless <c>truncate</c> is true.</summary>
internal sealed class OllamaEndpoints(EmbeddingGateway gateway, ModelCatalog catalog)
{
    private const long NanosecondsPerTick = 100;

    public async Task EmbedAsync(EmbeddingCall call)
    {
        ServedModel model;
        EmbeddingInput input;
        VectorRequest wanted;
        Truncation truncation;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            model = catalog.Find(body.RequiredText("model"));
            call.Model = model;
            truncation = body.Flag("truncate", false) ? Truncation.Right : Truncation.None;
            wanted = new VectorRequest(body.Number("dimensions", 1));
            input = body.RequiredInput("input", gateway.Options.MaxTexts);
        }

        long loadTicks = await LoadAsync(call, model).ConfigureAwait(false);
        PreparedTexts prepared = await PreparedTexts.CreateAsync(call, model, input, truncation).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = await VectorRunner.EmbedAsync(call, prepared, wanted).ConfigureAwait(false);
        JsonAnswer answer = new(call.Http.Response, call.Cancellation);
        await using (answer.ConfigureAwait(false))
        {
            answer.Json.WriteStartObject();
            answer.Json.WriteString("model", model.Name);
            answer.Json.WriteStartArray("embeddings");
            foreach (ReadOnlyMemory<float> vector in vectors)
            {
                answer.WriteNumbers(vector.Span);
                await answer.FlushIfLargeAsync().ConfigureAwait(false);
            }

            answer.Json.WriteEndArray();
            answer.Json.WriteNumber("total_duration", call.Elapsed.Ticks * NanosecondsPerTick);
            answer.Json.WriteNumber("load_duration", loadTicks * NanosecondsPerTick);
            answer.Json.WriteNumber("prompt_eval_count", call.Tokens);
            answer.Json.WriteEndObject();
        }
    }

    /// <summary>The route of before, for one text.</summary>
    public async Task EmbedOneAsync(EmbeddingCall call)
    {
        ServedModel model;
        string prompt;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            model = catalog.Find(body.RequiredText("model"));
            call.Model = model;
            prompt = body.RequiredText("prompt");
        }

        PreparedTexts prepared = await PreparedTexts.CreateAsync(call, model, new EmbeddingInput("prompt", [prompt], null, isList: false), Truncation.None).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = await VectorRunner.EmbedAsync(call, prepared, new VectorRequest()).ConfigureAwait(false);
        JsonAnswer answer = new(call.Http.Response, call.Cancellation);
        await using (answer.ConfigureAwait(false))
        {
            answer.Json.WriteStartObject();
            answer.Json.WritePropertyName("embedding");
            answer.WriteNumbers(vectors[0].Span);
            answer.Json.WriteEndObject();
        }
    }

    public async Task ListAsync(EmbeddingCall call)
    {
        List<OllamaModel> models = [];
        foreach (ServedModel model in catalog.Models)
        {
            LlamaModel? files = model.Generator.GetService(typeof(LlamaModel)) as LlamaModel;
            models.Add(new OllamaModel(
                model.Name,
                model.Name,
                files is null ? DateTimeOffset.FromUnixTimeSeconds(gateway.StartedAt) : Directory.GetLastWriteTimeUtc(files.Folder),
                files is null ? 0 : SizeOf(files),
                await ModelFingerprint.OfAsync(model, call.Cancellation).ConfigureAwait(false) ?? "",
                new OllamaModelDetails(
                    files is null ? "" : "safetensors",
                    model.MetaEol is null ? "" : "metaeol",
                    model.MetaEol is null ? [] : ["metaeol"],
                    "",
                    (model.Generator.GetService(typeof(IPromptEncoder)) as IPromptEncoder)?.Precision ?? "")));
        }

        await JsonAnswer.WriteAsync(call.Http.Response, new OllamaModels(models), ServerJsonContext.Default.OllamaModels, call.Cancellation).ConfigureAwait(false);
    }

    public static Task VersionAsync(EmbeddingCall call) =>
        JsonAnswer.WriteAsync(call.Http.Response, new OllamaVersion(TeiEndpoints.Version), ServerJsonContext.Default.OllamaVersion, call.Cancellation);

    private static long SizeOf(LlamaModel files)
    {
        try
        {
            return files.Weights.Files.Sum(file => new FileInfo(file.Path).Length);
        }
        catch (IOException)
        {
            // The files may have gone since they were mapped.
            return 0;
        }
    }

    private static async Task<long> LoadAsync(EmbeddingCall call, ServedModel model)
    {
        if (model.IsReady)
        {
            return 0;
        }

        TimeSpan before = call.Elapsed;
        await model.LoadAsync(call.Cancellation).ConfigureAwait(false);
        return (call.Elapsed - before).Ticks;
    }
}
