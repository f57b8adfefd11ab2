using MetaEol.AspNetCore.Embedding;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;

namespace MetaEol.AspNetCore.Explaining;

/// <summary><c>/explain</c>, which no other server has: what a vector is made of (MetaEOL, figure 1).</summary>
internal sealed class ExplainEndpoints(ModelCatalog catalog)
{
    private const int MostTexts = 64, MostWords = 50, DefaultWords = 8;

    public async Task ExplainAsync(EmbeddingCall call)
    {
        ServedModel model;
        EmbeddingInput input;
        VectorRequest wanted;
        int top;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            model = catalog.Find(body.Text("model"));
            call.Model = model;
            top = Math.Min(body.Number("top", 1) ?? DefaultWords, MostWords);
            wanted = new VectorRequest(body.Number("dimensions", 1), body.Layer("layer"));
            input = body.RequiredInput("input", MostTexts);
        }

        MetaEolEmbeddingGenerator generator = VectorRunner.MetaEolOf(model, "explanations");
        PreparedTexts prepared = await PreparedTexts.CreateAsync(call, model, input, Truncation.None).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = await VectorRunner.EmbedAsync(call, prepared, wanted).ConfigureAwait(false);
        long tokens = call.Tokens;
        ReadOnlyMemory<float>[][] views = await VectorRunner.EmbedViewsAsync(call, prepared, wanted).ConfigureAwait(false);
        NextWord[][][] words = await TextRunner.RunAsync(
            call,
            prepared,
            async (texts, cancellationToken) =>
            {
                List<NextWord[][]> part = [];
                foreach (string text in texts)
                {
                    IReadOnlyList<TemplateExplanation> explained = await generator.ExplainAsync(text, top, model.Options(wanted.Layer), cancellationToken).ConfigureAwait(false);
                    part.Add([.. explained.Select(template => template.Tokens.Select(token => new NextWord(token.Token, token.Id, token.Probability)).ToArray())]);
                }

                return (IReadOnlyList<NextWord[][]>)part;
            }).ConfigureAwait(false);

        Explanation explanation = new(
            model.Name,
            model.TemplateSet!.Name,
            [.. model.Templates!.Select(template => new ExplainedTemplate(template.Name, template.Task, template.Text))],
            [.. words.Select((text, index) => new ExplainedText(text, Cosines(views[index])))],
            Cosines(vectors),
            vectors[0].Length,
            tokens);
        await JsonAnswer.WriteAsync(call.Http.Response, explanation, ServerJsonContext.Default.Explanation, call.Cancellation).ConfigureAwait(false);
    }

    private static double[][] Cosines(ReadOnlyMemory<float>[] vectors) =>
        [.. vectors.Select(left => vectors.Select(right => Math.Round(VectorMath.Cosine(left.Span, right.Span), 6)).ToArray())];
}
