using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>decoder</c>.</summary>
internal static class DecoderReader
{
    private const string Supported = "BPEDecoder, ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence and Strip";

    public static TokenDecoder? Read(JsonSection section)
    {
        if (section.IsNothing)
        {
            return null;
        }

        string type = section.RequiredText("type");
        switch (type)
        {
            case "Sequence":
                return new SequenceDecoder([.. section.Items("decoders").Select(Read).OfType<TokenDecoder>()]);
            case "ByteLevel":
                return new ByteLevelDecoder();
            case "ByteFallback":
                return new ByteFallbackDecoder();
            case "Fuse":
                return new FuseDecoder();
            case "Replace":
                return new ReplaceDecoder(PatternReader.Read(section.Member("pattern")), section.RequiredText("content"));
            case "Metaspace":
                (string replacement, MetaspaceScheme scheme, _) = PreTokenizerReader.ReadMetaspace(section);
                return new MetaspaceDecoder(replacement, scheme);
            case "BPEDecoder":
                return new SuffixDecoder(section.Text("suffix") ?? "</w>");
            case "Strip":
                string content = section.RequiredText("content");
                return Rune.DecodeFromUtf16(content, out Rune rune, out int length) == System.Buffers.OperationStatus.Done && length == content.Length
                    ? new StripDecoder(rune, section.RequiredInteger("start", 0, int.MaxValue), section.RequiredInteger("stop", 0, int.MaxValue))
                    : throw section.Invalid("content", "one character");
            default:
                throw section.Unsupported("type", Supported);
        }
    }
}
