using System.Globalization;
using MetaEol.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;

namespace MetaEol.AspNetCore.TextEmbeddingsInference;

/// <summary>The headers in which TEI tells what an answer took, in milliseconds.</summary>
internal static class TeiHeaders
{
    public static void Add(EmbeddingCall call)
    {
        IHeaderDictionary headers = call.Http.Response.Headers;
        headers["x-compute-type"] = "cpu+optimized";
        headers["x-compute-time"] = Milliseconds(call.TokenizationTime + call.InferenceTime);
        headers["x-compute-characters"] = call.Characters.ToString(CultureInfo.InvariantCulture);
        headers["x-compute-tokens"] = call.Tokens.ToString(CultureInfo.InvariantCulture);
        headers["x-total-time"] = Milliseconds(call.Elapsed);
        headers["x-tokenization-time"] = Milliseconds(call.TokenizationTime);
        headers["x-queue-time"] = Milliseconds(call.QueueTime);
        headers["x-inference-time"] = Milliseconds(call.InferenceTime);
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
