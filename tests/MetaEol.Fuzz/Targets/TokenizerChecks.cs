using MetaEol.Fuzz.Running;
using MetaEol.Llama;

namespace MetaEol.Fuzz.Targets;

/// <summary>What holds for every tokenizer, whatever its files say.</summary>
internal static class TokenizerChecks
{
    private static readonly string[] Texts =
    [
        "", "a", "Two dogs run, don't they?  12345", " \n\t x<s>ab</s> abc", "\ud800 \ufffe é e\u0301 ﬁ İ 한국 \ud83d\ude00\u200d", new('a', 300), "abcab  bcabc<unk>\u2581\u2581a",
    ];

    /// <summary>Reads texts and checks what comes out.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="readsRanges">Whether it reads a text that is plain as a whole as the tokenizer does that reads every text so; that of SentencePiece reads it as SentencePiece itself does.</param>
    public static void Check(ITokenizer tokenizer, bool readsRanges)
    {
        ITokenizer plain = tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText);
        foreach (string text in Texts)
        {
            int[] ids = tokenizer.Encode(text);
            DifferenceException.Unless(ids.AsSpan().SequenceEqual(tokenizer.Encode(text)), "A text has other ids when it is read again.");
            DifferenceException.Unless(ids.All(id => id >= 0 && id < tokenizer.VocabularySize), "An id is outside the vocabulary.");
            DifferenceException.Unless(tokenizer.Decode(ids) == tokenizer.Decode(ids), "Ids have another text when they are read again.");
            DifferenceException.Unless(ids.AsSpan().SequenceEqual(tokenizer.Encode(text, ..0)), "A text has other ids where no part of it is plain.");
            DifferenceException.Unless(!readsRanges || plain.Encode(text).AsSpan().SequenceEqual(tokenizer.Encode(text, ..)), "A text that is plain as a whole has other ids than with a tokenizer that reads all texts so.");
            int count = tokenizer.CountTokens(text);
            DifferenceException.Unless(count <= ids.Length, "A text has more tokens of its own than all in all.");
            int cut = tokenizer.GetIndexByTokenCount(text, 3);
            DifferenceException.Unless(cut == text.Length ? count <= 3 : tokenizer.CountTokens(text[..cut]) <= 3, "A text that is cut to 3 tokens has more.");
            DifferenceException.Unless(cut == 0 || cut == text.Length || !char.IsSurrogatePair(text[cut - 1], text[cut]), "A text is cut inside a surrogate pair.");
        }

        DifferenceException.Unless(tokenizer.Fingerprint == tokenizer.WithSpecialTokens(tokenizer.SpecialTokens).Fingerprint, "A tokenizer has two fingerprints.");
    }
}
