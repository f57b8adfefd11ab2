using MetaEol.AspNetCore.Json;
using MetaEol.Llama;

namespace MetaEol.AspNetCore.TextEmbeddingsInference;

/// <summary>Tokens of a text, with their places in it.</summary>
internal static class TokenPlaces
{
    private const char Replacement = '\uFFFD';

    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="addSpecial">Whether those that the tokenizer sets around it are among them.</param>
    public static TextToken[] Find(ITokenizer tokenizer, string text, bool addSpecial)
    {
        ReadOnlySpan<int> all = tokenizer.Encode(text), around = tokenizer.Encode("");
        int leading = around.CommonPrefixLength(all);
        int trailing = all[leading..].EndsWith(around[leading..]) ? around.Length - leading : 0;
        ReadOnlySpan<int> own = all[leading..^trailing];

        List<TextToken> tokens = [];
        if (addSpecial)
        {
            AddSpecial(tokens, tokenizer, all[..leading]);
        }

        AddOwn(tokens, tokenizer, text, own);
        if (addSpecial)
        {
            AddSpecial(tokens, tokenizer, all[^trailing..]);
        }

        return [.. tokens];
    }

    private static void AddSpecial(List<TextToken> tokens, ITokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            tokens.Add(new TextToken(id, tokenizer.Decode([id]), Special: true, null, null));
        }
    }

    // Tokens may hold parts of a character: they are decoded together until whole characters have come, and share those's place.
    private static void AddOwn(List<TextToken> tokens, ITokenizer tokenizer, string text, ReadOnlySpan<int> ids)
    {
        int place = 0, before = 0;
        for (int first = 0, next = 0; first < ids.Length; first = next)
        {
            string piece;
            do
            {
                next++;
                string context = tokenizer.Decode(ids[before..first]), whole = tokenizer.Decode(ids[before..next]);
                piece = whole.StartsWith(context, StringComparison.Ordinal) ? whole[context.Length..] : tokenizer.Decode(ids[first..next]);
            }
            while (next < ids.Length && next - first < 8 && piece.EndsWith(Replacement));

            int at = piece.Length == 0 ? place : text.IndexOf(piece, place, StringComparison.Ordinal);

            // A normalizer may have changed the text: then the place is not known.
            bool found = at >= 0 && (at == place || string.IsNullOrWhiteSpace(text[place..at]));
            foreach (int id in ids[first..next])
            {
                tokens.Add(new TextToken(id, tokenizer.Decode([id]), Special: false, found ? at : null, found ? at + piece.Length : null));
            }

            place = found ? at + piece.Length : place;
            before = first;
        }
    }
}
