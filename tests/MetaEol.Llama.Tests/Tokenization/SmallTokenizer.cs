using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Makes tokenizer.json files with a few tokens, to change one thing at a time.</summary>
internal static class SmallTokenizer
{
    /// <summary>Tokens a b c ab bc abc ▁ and &lt;unk&gt;, merges "a b", "b c", "ab c".</summary>
    public static JsonObject Create() => JsonNode.Parse("""
        {
          "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
          "model": {
            "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
            "byte_fallback": false, "ignore_merges": false,
            "vocab": { "<unk>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "bc": 5, "abc": 6, "▁": 7, " ": 8 },
            "merges": [ "a b", "b c", "ab c" ]
          }
        }
        """)!.AsObject();

    public static ITokenizer Load(JsonNode json) => Load(Encoding.UTF8.GetBytes(json.ToJsonString()));

    public static ITokenizer Load(byte[] json)
    {
        using TemporaryFile file = new("tokenizer.json", json);
        return TokenizerLoader.Load(file.Path);
    }

    /// <summary>With one section replaced by JSON text.</summary>
    public static ITokenizer With(string section, string value)
    {
        JsonObject json = Create();
        string[] path = section.Split('.');
        JsonObject parent = path.Length == 1 ? json : json[path[0]]!.AsObject();
        parent[path[^1]] = JsonNode.Parse(value);
        return Load(json);
    }

    /// <summary>A random change of a byte array: a byte, a stretch cut out or doubled, or the end cut off.</summary>
    public static byte[] Damage(byte[] content, Random random)
    {
        byte[] damaged = [.. content];
        int at = random.Next(damaged.Length);
        int length = Math.Min(random.Next(1, 64), damaged.Length - at);
        switch (random.Next(4))
        {
            case 0:
                damaged[at] = (byte)random.Next(256);
                return damaged;
            case 1:
                return [.. damaged[..at], .. damaged[(at + length)..]];
            case 2:
                return [.. damaged[..(at + length)], .. damaged[at..]];
            default:
                return damaged[..at];
        }
    }
}
