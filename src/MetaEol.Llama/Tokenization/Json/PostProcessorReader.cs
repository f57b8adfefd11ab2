using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>post_processor</c>.</summary>
internal static class PostProcessorReader
{
    private const string Supported = "BertProcessing, ByteLevel, RobertaProcessing, Sequence and TemplateProcessing";
    private const int MaximumTokens = 1024;

    public static PostProcessor Read(JsonSection section)
    {
        if (section.IsNothing)
        {
            return PostProcessor.None;
        }

        string type = section.RequiredText("type");
        switch (type)
        {
            case "ByteLevel":
                // It changes offsets only.
                return PostProcessor.None;
            case "Sequence":
                return ReadSequence(section);
            case "TemplateProcessing":
                return ReadTemplate(section);
            case "RobertaProcessing" or "BertProcessing":
                return new([[ReadPair(section.Member("cls"))], null, [ReadPair(section.Member("sep"))]]);
            default:
                throw section.Unsupported("type", Supported);
        }
    }

    private static PostProcessor ReadSequence(JsonSection section)
    {
        PostProcessor result = PostProcessor.None;
        foreach (JsonSection item in section.Items("processors"))
        {
            PostProcessor processor = Read(item);
            if (processor == PostProcessor.None)
            {
                continue;
            }

            if (result != PostProcessor.None)
            {
                throw item.Fail("is the second post-processor of a sequence that adds tokens; expected at most one.");
            }

            result = processor;
        }

        return result;
    }

    private static PostProcessor ReadTemplate(JsonSection section)
    {
        JsonSection specialTokens = section.Member("special_tokens");
        List<int[]?> parts = [];
        int count = 0;
        foreach (JsonSection piece in section.Items("single"))
        {
            JsonSection special = piece.Member("SpecialToken");
            JsonSection sequence = piece.Member("Sequence");
            if (!special.IsNothing)
            {
                string name = special.RequiredText("id");
                JsonSection token = specialTokens.IsNothing ? specialTokens : specialTokens.Member(name);
                if (token.IsNothing)
                {
                    throw special.Fail($"names the token {ModelFile.Quote(name)}, which 'special_tokens' does not have.");
                }

                parts.Add([.. token.Items("ids").Select(id => id.AsInteger(0, Vocabulary.IdLimit - 1))]);
                count += parts[^1]!.Length;
            }
            else if (sequence.IsNothing || sequence.RequiredText("id") != "A")
            {
                throw piece.Fail("is neither a SpecialToken nor the Sequence A, which is what a template for one text can have.");
            }
            else
            {
                parts.Add(null);
                count++;
            }

            if (count > MaximumTokens)
            {
                throw section.Fail($"adds more than {MaximumTokens} tokens.");
            }
        }

        // A prompt whose text is left out would have the same vector as any other.
        return parts.Count(part => part is null) == 1 ? new(parts) : throw section.Fail("does not have the Sequence A once in 'single'; expected a template with one place for the text.");
    }

    private static int ReadPair(JsonSection section)
    {
        List<JsonSection> items = section.AsItems();
        return items.Count == 2 ? items[1].AsInteger(0, Vocabulary.IdLimit - 1) : throw section.Fail("is not a pair of a token and its id.");
    }
}
