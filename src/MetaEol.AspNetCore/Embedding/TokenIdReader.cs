using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Llama;

namespace MetaEol.AspNetCore.Embedding;

/// <summary>Reads the texts that token ids stand for.</summary>
internal static class TokenIdReader
{
    /// <exception cref="RequestFailureException">The model takes no token ids, or an id is none of its vocabulary.</exception>
    public static string[] Read(ServedModel model, EmbeddingInput input)
    {
        ITokenizer tokenizer = model.Tokenizer
            ?? throw new RequestFailureException(FailureKind.Invalid, $"'{model.Name}' takes texts only, no token ids: its tokenizer is not known here.", input.Field);

        // A list may come from /tokenize, with what the tokenizer sets around a text: the prompts bring that themselves.
        int[] around = tokenizer.Encode("");
        string[] texts = new string[input.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ids = input.TokenIds![i];
            int unknown = Array.FindIndex(ids, id => id >= tokenizer.VocabularySize);
            if (unknown >= 0)
            {
                throw new RequestFailureException(
                    FailureKind.Invalid, $"'{input.NameOf(i)}[{unknown}]' is {ids[unknown]}; the token ids of '{model.Name}' are 0 to {tokenizer.VocabularySize - 1}. Ids of another model's tokenizer mean other texts.", input.Field);
            }

            texts[i] = tokenizer.Decode(Own(ids, around));
        }

        return texts;
    }

    private static ReadOnlySpan<int> Own(ReadOnlySpan<int> ids, ReadOnlySpan<int> around)
    {
        int leading = around.CommonPrefixLength(ids);
        ids = ids[leading..];
        ReadOnlySpan<int> trailing = around[leading..];
        return trailing.Length > 0 && ids.EndsWith(trailing) ? ids[..^trailing.Length] : ids;
    }
}
