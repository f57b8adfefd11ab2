using System.Text;
using System.Text.Json;

namespace MetaEol.Fuzz.Mutation;

/// <summary>JSON that need not be right: keys may stand twice, and a literal may be anything.</summary>
internal sealed class JsonTree
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private JsonTree(string? literal, List<(string Key, JsonTree Value)>? members, List<JsonTree>? items) => (Literal, Members, Items) = (literal, members, items);

    /// <summary>The text of a value that is neither object nor array.</summary>
    public string? Literal { get; }

    /// <summary>An object's members; the keys with their quotes.</summary>
    public List<(string Key, JsonTree Value)>? Members { get; }

    /// <summary>An array's items.</summary>
    public List<JsonTree>? Items { get; }

    public static JsonTree OfLiteral(string literal) => new(literal, null, null);

    public static JsonTree OfItems(IEnumerable<JsonTree> items) => new(null, null, [.. items]);

    public static JsonTree OfMembers(IEnumerable<(string Key, JsonTree Value)> members) => new(null, [.. members], null);

    public static JsonTree Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    /// <summary>A text as a JSON literal.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, Plain);

    /// <summary>The values below this one and itself, with the way to each: indices of members and items.</summary>
    public IEnumerable<int[]> Paths()
    {
        yield return [];
        int count = Members?.Count ?? Items?.Count ?? 0;
        for (int i = 0; i < count; i++)
        {
            foreach (int[] path in (Members is null ? Items![i] : Members[i].Value).Paths())
            {
                yield return [i, .. path];
            }
        }
    }

    /// <summary>The value at the end of a way.</summary>
    public JsonTree At(ReadOnlySpan<int> path) => path.IsEmpty ? this : Child(path[0]).At(path[1..]);

    /// <summary>The tree with another value at the end of a way; what is not on the way is shared.</summary>
    public JsonTree With(ReadOnlySpan<int> path, JsonTree value)
    {
        if (path.IsEmpty)
        {
            return value;
        }

        JsonTree child = Child(path[0]).With(path[1..], value);
        if (Members is not null)
        {
            List<(string Key, JsonTree Value)> members = [.. Members];
            members[path[0]] = (members[path[0]].Key, child);
            return new(null, members, null);
        }

        List<JsonTree> items = [.. Items!];
        items[path[0]] = child;
        return new(null, null, items);
    }

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        Write(text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static JsonTree Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => OfMembers(element.EnumerateObject().Select(member => (Quote(member.Name), Of(member.Value)))),
        JsonValueKind.Array => OfItems(element.EnumerateArray().Select(Of)),
        _ => OfLiteral(element.GetRawText()),
    };

    private JsonTree Child(int index) => Members is null ? Items![index] : Members[index].Value;

    private void Write(StringBuilder text)
    {
        if (Members is not null)
        {
            text.Append('{');
            for (int i = 0; i < Members.Count; i++)
            {
                text.Append(i == 0 ? "" : ",").Append(Members[i].Key).Append(':');
                Members[i].Value.Write(text);
            }

            text.Append('}');
        }
        else if (Items is not null)
        {
            text.Append('[');
            for (int i = 0; i < Items.Count; i++)
            {
                text.Append(i == 0 ? "" : ",");
                Items[i].Write(text);
            }

            text.Append(']');
        }
        else
        {
            text.Append(Literal);
        }
    }
}
