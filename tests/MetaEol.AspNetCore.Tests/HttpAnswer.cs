using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MetaEol.AspNetCore.Tests;

/// <summary>An answer with its JSON.</summary>
internal sealed record HttpAnswer(int Status, JsonElement Json, HttpResponseHeaders Headers)
{
    public static async Task<HttpAnswer> PostAsync(HttpClient client, string path, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await ReadAsync(response);
    }

    public static async Task<HttpAnswer> GetAsync(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response);
    }

    public static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        return new HttpAnswer((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, response.Headers);
    }

    public float[] Vector(params object[] path)
    {
        JsonElement element = Json;
        foreach (object step in path)
        {
            element = step is int index ? element[index] : element.GetProperty((string)step);
        }

        return [.. element.EnumerateArray().Select(number => number.GetSingle())];
    }
}
