using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    private const string Supported = "Lowercase, NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence and Strip";

    public static Normalizer? Read(JsonSection section)
    {
        if (section.IsNothing)
        {
            return null;
        }

        string type = section.RequiredText("type");
        switch (type)
        {
            case "Sequence":
                return new SequenceNormalizer([.. section.Items("normalizers").Select(Read).OfType<Normalizer>()]);
            case "Prepend":
                return new PrependNormalizer(section.RequiredText("prepend"));
            case "Replace":
                return new ReplaceNormalizer(PatternReader.Read(section.Member("pattern")), section.RequiredText("content"));
            case "Lowercase":
                return new CaseNormalizer();
            case "Strip":
                return new StripNormalizer(section.Flag("strip_left") ?? true, section.Flag("strip_right") ?? true);
            case "NFC":
                return Unicode(section, NormalizationForm.FormC);
            case "NFD":
                return Unicode(section, NormalizationForm.FormD);
            case "NFKC":
                return Unicode(section, NormalizationForm.FormKC);
            case "NFKD":
                return Unicode(section, NormalizationForm.FormKD);
            default:
                throw section.Unsupported("type", Supported);
        }
    }

    private static UnicodeNormalizer Unicode(JsonSection section, NormalizationForm form) => UnicodeNormalizer.IsAvailable
        ? new(form)
        : throw section.Fail(
            $"asks for Unicode normalization ({form}), but this process runs with globalization in invariant mode, where .NET cannot normalize. "
            + "Set InvariantGlobalization to false (and install ICU, in a container the icu-libs package).");
}
