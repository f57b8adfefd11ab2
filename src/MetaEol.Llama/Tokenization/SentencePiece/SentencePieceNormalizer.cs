using System.Buffers;

namespace MetaEol.Llama.Tokenization;

/// <summary>SentencePiece's normalization: character map, extra white space, dummy prefix, and ▁ for the space.</summary>
internal static class SentencePieceNormalizer
{
    private static ReadOnlySpan<byte> Escaped => "▁"u8;

    /// <summary>The normalized text, as UTF-8.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text, as UTF-8.</param>
    /// <param name="addDummySpace">Whether the text gets a dummy space.</param>
    /// <param name="budget">Charged for what is written and searched.</param>
    public static ReadOnlySpan<byte> Normalize(SentencePieceModel model, ReadOnlySpan<byte> text, bool addDummySpace, TextBudget budget) =>
        Normalize(model, text, addDummySpace, PlainRange.None, budget, out _);

    /// <summary>The normalized text, as UTF-8, and where the plain part of the text is in it.</summary>
    public static ReadOnlySpan<byte> Normalize(
        SentencePieceModel model, ReadOnlySpan<byte> text, bool addDummySpace, PlainRange plain, TextBudget budget, out PlainRange plainAfter)
    {
        plainAfter = plain;
        ReadOnlySpan<byte> space = model.EscapeWhiteSpace ? Escaped : " "u8;
        int position = 0;
        if (model.RemoveExtraWhiteSpace)
        {
            while (position < text.Length && Prefix(model, text[position..], budget, out int length).SequenceEqual(" "u8))
            {
                position += length;
            }
        }

        if (position == text.Length)
        {
            return default;
        }

        (int plainStart, int plainEnd) = (0, int.MaxValue);
        ArrayBufferWriter<byte> result = new(text.Length + (text.Length / 4) + 16);
        if (!model.WhiteSpaceAsSuffix && addDummySpace)
        {
            result.Write(space);
        }

        bool afterSpace = model.RemoveExtraWhiteSpace;
        while (position < text.Length)
        {
            ReadOnlySpan<byte> prefix = Prefix(model, text[position..], budget, out int length);
            plainStart = position <= plain.Start ? result.WrittenCount : plainStart;
            position += length;
            prefix = afterSpace ? prefix.TrimStart((byte)' ') : prefix;
            budget.Spend(prefix.Length);
            foreach (byte value in prefix)
            {
                if (value == ' ')
                {
                    result.Write(space);
                }
                else
                {
                    result.Write([value]);
                }
            }

            afterSpace = prefix.IsEmpty ? afterSpace : model.RemoveExtraWhiteSpace && prefix[^1] == ' ';
            plainEnd = position >= plain.End && plainEnd == int.MaxValue ? result.WrittenCount : plainEnd;
        }

        plainAfter = plain.IsPart ? new(plainStart, plainEnd) : plain;
        ReadOnlySpan<byte> written = result.WrittenSpan;
        while (model.RemoveExtraWhiteSpace && written.EndsWith(space))
        {
            written = written[..^space.Length];
        }

        return model.WhiteSpaceAsSuffix && addDummySpace ? (byte[])[.. written, .. space] : written;
    }

    /// <summary>What the start of the text becomes, and how many bytes of the text that is.</summary>
    private static ReadOnlySpan<byte> Prefix(SentencePieceModel model, ReadOnlySpan<byte> text, TextBudget budget, out int length)
    {
        length = model.UserDefined?.LongestAt(text, budget) ?? 0;
        if (length > 0)
        {
            return text[..length];
        }

        if (model.CharacterMap is not null)
        {
            ReadOnlySpan<byte> replacement = model.CharacterMap.Find(text, budget, out length);
            if (length > 0)
            {
                return replacement;
            }
        }

        // A damaged map may match a part of a character, so that the rest of it stands here.
        length = Math.Min(SentencePieceTokenizer.CharacterLength(text[0]), text.Length);
        return text[..length];
    }
}
