using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>pre_tokenizer</c>.</summary>
internal static class PreTokenizerReader
{
    // A word goes down through all of them on the call stack.
    private const int MaximumSteps = 64;
    private const string Supported = "ByteLevel, Digits, Metaspace, Punctuation, Sequence and Split";

    /// <summary>The steps in order: nested sequences are made flat.</summary>
    public static PreTokenizer[] Read(JsonSection section)
    {
        List<PreTokenizer> steps = [];
        if (!section.IsNothing)
        {
            Add(section, steps);
        }

        return steps.Count <= MaximumSteps ? [.. steps] : throw section.Fail($"has {steps.Count} steps; at most {MaximumSteps} are taken.");
    }

    /// <summary>The character, scheme and splitting of a <c>Metaspace</c>, in all spellings that were ever written.</summary>
    public static (string Replacement, MetaspaceScheme Scheme, bool Split) ReadMetaspace(JsonSection section)
    {
        string replacement = section.Text("replacement") ?? section.Text("str_rep") ?? "▁";
        if (Rune.DecodeFromUtf16(replacement, out _, out int length) != System.Buffers.OperationStatus.Done || length != replacement.Length)
        {
            throw section.Invalid(section.HasValue("replacement") ? "replacement" : "str_rep", "one character");
        }

        string? name = section.Text("prepend_scheme");
        MetaspaceScheme scheme = name switch
        {
            null or "always" => MetaspaceScheme.Always,
            "first" => MetaspaceScheme.First,
            "never" => MetaspaceScheme.Never,
            _ => throw section.Invalid("prepend_scheme", "always, first or never"),
        };
        if (section.Flag("add_prefix_space") == false)
        {
            if (name is not null && scheme != MetaspaceScheme.Never)
            {
                throw section.Fail($"has add_prefix_space false and prepend_scheme '{name}', which contradict each other.");
            }

            scheme = MetaspaceScheme.Never;
        }

        return (replacement, scheme, section.Flag("split") ?? true);
    }

    private static void Add(JsonSection section, List<PreTokenizer> steps)
    {
        string type = section.RequiredText("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonSection item in section.Items("pretokenizers"))
                {
                    Add(item, steps);
                }

                break;
            case "ByteLevel":
                steps.Add(new ByteLevelPreTokenizer(section.Flag("add_prefix_space") ?? true, section.Flag("use_regex") ?? true));
                break;
            case "Digits":
                steps.Add(new SplitPreTokenizer(
                    TextPattern.OfSet(CharacterSet.Numeric), section.Flag("individual_digits") == true ? SplitBehavior.Isolated : SplitBehavior.Contiguous, false));
                break;
            case "Metaspace":
                (string replacement, MetaspaceScheme scheme, bool split) = ReadMetaspace(section);
                steps.Add(new MetaspacePreTokenizer(replacement, scheme, split));
                break;
            case "Punctuation":
                steps.Add(new SplitPreTokenizer(
                    TextPattern.OfSet(Punctuation.Characters), section.HasValue("behavior") ? ReadBehavior(section) : SplitBehavior.Isolated, false));
                break;
            case "Split":
                steps.Add(new SplitPreTokenizer(PatternReader.Read(section.Member("pattern")), ReadBehavior(section), section.Flag("invert") == true));
                break;
            default:
                throw section.Unsupported("type", Supported);
        }
    }

    private static SplitBehavior ReadBehavior(JsonSection section)
    {
        string name = section.RequiredText("behavior");
        return name switch
        {
            "Removed" => SplitBehavior.Removed,
            "Isolated" => SplitBehavior.Isolated,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            _ => throw section.Invalid("behavior", "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous"),
        };
    }
}
