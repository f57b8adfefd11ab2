using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    private const int MaximumSteps = 64;
    private const string Supported = "Lowercase, NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence and Strip";

    /// <summary>The steps in order, nested sequences made flat; null if there are none.</summary>
    public static Normalizer? Read(JsonSection section)
    {
        List<Normalizer> steps = [];
        if (!section.IsNothing)
        {
            Add(section, steps);
        }

        return steps.Count switch
        {
            0 => null,
            1 => steps[0],
            <= MaximumSteps => new SequenceNormalizer([.. steps]),
            _ => throw section.Fail($"has {steps.Count} steps; at most {MaximumSteps} are taken."),
        };
    }

    private static void Add(JsonSection section, List<Normalizer> steps)
    {
        switch (section.RequiredText("type"))
        {
            case "Sequence":
                foreach (JsonSection item in section.Items("normalizers"))
                {
                    Add(item, steps);
                }

                break;
            case "Prepend":
                steps.Add(new PrependNormalizer(section.RequiredText("prepend")));
                break;
            case "Replace":
                steps.Add(new ReplaceNormalizer(PatternReader.Read(section.Member("pattern")), section.RequiredText("content")));
                break;
            case "Lowercase":
                steps.Add(new CaseNormalizer());
                break;
            case "Strip":
                steps.Add(new StripNormalizer(section.Flag("strip_left") ?? true, section.Flag("strip_right") ?? true));
                break;
            case "NFC":
                steps.Add(Unicode(section, NormalizationForm.FormC));
                break;
            case "NFD":
                steps.Add(Unicode(section, NormalizationForm.FormD));
                break;
            case "NFKC":
                steps.Add(Unicode(section, NormalizationForm.FormKC));
                break;
            case "NFKD":
                steps.Add(Unicode(section, NormalizationForm.FormKD));
                break;
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
