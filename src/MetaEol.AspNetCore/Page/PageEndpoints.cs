using System.Reflection;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Requests;
using MetaEol.AspNetCore.TextEmbeddingsInference;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.Page;

/// <summary>The page that shows what a vector is: three files that come with the library, and nothing from elsewhere.</summary>
internal sealed class PageEndpoints(EmbeddingGateway gateway, Func<string, int, CancellationToken, Task<IReadOnlyList<FoundPassage>>>? search)
{
    private const int MostResults = 50, DefaultResults = 5;

    // Nothing but the page's own files, and requests to where it came from.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>An endpoint that answers with one of the page's files.</summary>
    public static RequestDelegate File(string name, string contentType)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"MetaEol.AspNetCore.Page.{name}")!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return async http =>
        {
            IHeaderDictionary headers = http.Response.Headers;
            headers.ContentSecurityPolicy = ContentPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-cache";
            http.Response.ContentType = contentType;
            http.Response.ContentLength = content.Length;
            await http.Response.Body.WriteAsync(content, http.RequestAborted).ConfigureAwait(false);
        };
    }

    public Task SettingsAsync(HttpContext http) => JsonAnswer.WriteAsync(
        http.Response, new PageSettings(gateway.Options.ApiKeys.Count > 0, search is not null, TeiEndpoints.Version), ServerJsonContext.Default.PageSettings, http.RequestAborted);

    public async Task SearchAsync(EmbeddingCall call)
    {
        string query;
        int top;
        using (JsonBody body = await call.ReadBodyAsync().ConfigureAwait(false))
        {
            query = body.RequiredText("query");
            top = Math.Min(body.Number("top", 1) ?? DefaultResults, MostResults);
        }

        if (string.IsNullOrWhiteSpace(query))
        {
            throw new RequestFailureException(FailureKind.Invalid, "'query' is blank: write a question.", "query");
        }

        SearchAnswer answer = new(await search!(query, top, call.Cancellation).ConfigureAwait(false));
        await JsonAnswer.WriteAsync(call.Http.Response, answer, ServerJsonContext.Default.SearchAnswer, call.Cancellation).ConfigureAwait(false);
    }
}
