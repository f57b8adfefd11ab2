using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>decoder</c>.</summary>
internal static class DecoderReader
{
    private const int MaximumSteps = 64;
    private const string Supported = "BPEDecoder, ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence and Strip";

    /// <summary>The steps in order, nested sequences made flat; null if there is no decoder.</summary>
    public static TokenDecoder? Read(JsonSection section)
    {
        if (section.IsNothing)
        {
            return null;
        }

        List<TokenDecoder> steps = [];
        Add(section, steps);
        return steps.Count <= MaximumSteps
            ? new SequenceDecoder([.. steps])
            : throw section.Fail($"has {steps.Count} steps; at most {MaximumSteps} are taken.");
    }

    private static void Add(JsonSection section, List<TokenDecoder> steps)
    {
        switch (section.RequiredText("type"))
        {
            case "Sequence":
                foreach (JsonSection item in section.Items("decoders"))
                {
                    Add(item, steps);
                }

                break;
            case "ByteLevel":
                steps.Add(new ByteLevelDecoder());
                break;
            case "ByteFallback":
                steps.Add(new ByteFallbackDecoder());
                break;
            case "Fuse":
                steps.Add(new FuseDecoder());
                break;
            case "Replace":
                steps.Add(new ReplaceDecoder(PatternReader.Read(section.Member("pattern")), section.RequiredText("content")));
                break;
            case "Metaspace":
                (string replacement, MetaspaceScheme scheme, _) = PreTokenizerReader.ReadMetaspace(section);
                steps.Add(new MetaspaceDecoder(replacement, scheme));
                break;
            case "BPEDecoder":
                steps.Add(new SuffixDecoder(section.Text("suffix") ?? "</w>"));
                break;
            case "Strip":
                string content = section.RequiredText("content");
                steps.Add(Rune.DecodeFromUtf16(content, out Rune rune, out int length) == System.Buffers.OperationStatus.Done && length == content.Length
                    ? new StripDecoder(rune, section.RequiredInteger("start", 0, int.MaxValue), section.RequiredInteger("stop", 0, int.MaxValue))
                    : throw section.Invalid("content", "one character"));
                break;
            default:
                throw section.Unsupported("type", Supported);
        }
    }
}
