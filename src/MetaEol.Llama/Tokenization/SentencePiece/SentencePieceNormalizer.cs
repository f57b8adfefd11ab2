using System.Buffers;

namespace MetaEol.Llama.Tokenization;

/// <summary>SentencePiece's normalization: character map, extra white space, dummy prefix, and ▁ for the space.</summary>
internal static class SentencePieceNormalizer
{
    private static ReadOnlySpan<byte> Escaped => "▁"u8;

    /// <summary>The normalized text, as UTF-8.</summary>
    public static ReadOnlySpan<byte> Normalize(SentencePieceModel model, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> space = model.EscapeWhiteSpace ? Escaped : " "u8;
        if (model.RemoveExtraWhiteSpace)
        {
            while (!text.IsEmpty && Prefix(model, text, out int length).SequenceEqual(" "u8))
            {
                text = text[length..];
            }
        }

        if (text.IsEmpty)
        {
            return default;
        }

        ArrayBufferWriter<byte> result = new(text.Length + (text.Length / 4) + 16);
        if (!model.WhiteSpaceAsSuffix && model.AddDummyPrefix)
        {
            result.Write(space);
        }

        bool afterSpace = model.RemoveExtraWhiteSpace;
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> prefix = Prefix(model, text, out int length);
            text = text[length..];
            prefix = afterSpace ? prefix.TrimStart((byte)' ') : prefix;
            if (prefix.IsEmpty)
            {
                continue;
            }

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

            afterSpace = model.RemoveExtraWhiteSpace && prefix[^1] == ' ';
        }

        ReadOnlySpan<byte> written = result.WrittenSpan;
        while (model.RemoveExtraWhiteSpace && written.EndsWith(space))
        {
            written = written[..^space.Length];
        }

        return model.WhiteSpaceAsSuffix && model.AddDummyPrefix ? (byte[])[.. written, .. space] : written;
    }

    /// <summary>What the start of the text becomes, and how many bytes of the text that is.</summary>
    private static ReadOnlySpan<byte> Prefix(SentencePieceModel model, ReadOnlySpan<byte> text, out int length)
    {
        length = model.MatchUserDefined(text);
        if (length > 0)
        {
            return text[..length];
        }

        if (model.CharacterMap is not null)
        {
            ReadOnlySpan<byte> replacement = model.CharacterMap.Find(text, out length);
            if (length > 0)
            {
                return replacement;
            }
        }

        length = SentencePieceTokenizer.CharacterLength(text[0]);
        return text[..length];
    }
}
