using System.Text.Json;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>A text and the ids that Hugging Face's library gives it, from an expected.json.</summary>
internal sealed record ExpectedCase(string Text, int[] Ids, int[] PlainIds, string Category, bool IsDisputed)
{
    public static List<ExpectedCase> Load(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    private static ExpectedCase Read(JsonElement item)
    {
        int[] ids = Ids(item.GetProperty("ids"));
        return new(
            item.GetProperty("text").GetString()!,
            ids,
            item.TryGetProperty("ids_plain", out JsonElement plain) ? Ids(plain) : ids,
            item.TryGetProperty("category", out JsonElement category) ? category.GetString()! : "",
            item.TryGetProperty("disagree", out _));

        static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
    }
}
