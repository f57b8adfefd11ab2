using System.Text.Json;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c>.</summary>
/// <remarks>
/// <c>truncation</c> and <c>padding</c> are not applied: Hugging Face's <c>tokenizer(text)</c> switches both off, and a prompt must not be cut silently.
/// </remarks>
internal static class TokenizerJsonReader
{
    private const int MaximumAddedTokens = 1 << 20;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    /// <exception cref="InvalidModelException">The file is malformed, or uses what is not supported.</exception>
    public static HuggingFaceTokenizer Read(string file, byte[] json)
    {
        try
        {
            return ReadChecked(file, json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a string that is not valid UTF-16 or UTF-8.
            throw new InvalidModelException($"'{file}' is not valid JSON: {exception.Message}", exception);
        }
    }

    private static HuggingFaceTokenizer ReadChecked(string file, byte[] json)
    {
        ReadOnlySpan<byte> text = json;
        if (text.StartsWith(System.Text.Encoding.UTF8.Preamble))
        {
            json = json[System.Text.Encoding.UTF8.Preamble.Length..];
            text = json;
        }

        Utf8JsonReader reader = new(text, Options);
        Dictionary<string, JsonSection> sections = new(StringComparer.Ordinal);
        BpeModel? model = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidModelException($"'{file}' is not a JSON object, expected a tokenizer.json of Hugging Face.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "model" && reader.TokenType != JsonTokenType.Null)
            {
                model = BpeModelReader.Read(file, json, Options, ref reader);
            }
            else if (name is "added_tokens" or "normalizer" or "pre_tokenizer" or "post_processor" or "decoder")
            {
                sections[name] = new(file, name, JsonElement.ParseValue(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }

        // What follows the object must be white space, or the file is damaged.
        reader.Read();
        if (model is null)
        {
            throw new InvalidModelException($"'{file}' has no model, expected a tokenizer.json of Hugging Face with a BPE model.");
        }

        JsonSection Section(string name) => sections.TryGetValue(name, out JsonSection? section) ? section : new(file, name, default);
        return Build(model, Section);
    }

    private static HuggingFaceTokenizer Build(BpeModel model, Func<string, JsonSection> section)
    {
        Normalizer? normalizer = NormalizerReader.Read(section("normalizer"));
        List<AddedToken> added = ReadAddedTokens(section("added_tokens"), model.Vocabulary, normalizer);
        PostProcessor postProcessor = PostProcessorReader.Read(section("post_processor"));
        Dictionary<int, AddedToken> byId = [];
        foreach (AddedToken token in added)
        {
            byId[token.Id] = token;
        }

        int maximumId = Math.Max(model.Vocabulary.MaximumId, postProcessor.MaximumId);
        foreach (int id in byId.Keys)
        {
            maximumId = Math.Max(maximumId, id);
        }

        return new(new()
        {
            Pipeline = new(PreTokenizerReader.Read(section("pre_tokenizer")), model),
            PlainTokens = Matcher(byId.Values.Where(token => !token.Normalized)),
            NormalizedTokens = Matcher(byId.Values.Where(token => token.Normalized)),
            AddedTokens = byId,
            Normalizer = normalizer,
            PostProcessor = postProcessor,
            Decoder = DecoderReader.Read(section("decoder")),
            VocabularySize = maximumId + 1,
        });
    }

    private static AddedTokenMatcher? Matcher(IEnumerable<AddedToken> tokens)
    {
        List<AddedToken> list = [.. tokens.Where(token => token.Pattern.Length > 0)];
        return list.Count == 0 ? null : new(list);
    }

    private static List<AddedToken> ReadAddedTokens(JsonSection section, Vocabulary vocabulary, Normalizer? normalizer)
    {
        List<AddedToken> tokens = [];
        if (section.IsNothing)
        {
            return tokens;
        }

        // Hugging Face does not go by the ids written here: a token that the model has keeps the model's id, the others count up behind the model's tokens.
        // Files that it wrote say the same.
        EncodeWorkspace workspace = new();
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        int next = vocabulary.Count;
        foreach (JsonSection item in section.AsItems())
        {
            string content = item.Text("content");
            _ = item.Number("id", 0, Vocabulary.IdLimit - 1);
            if (content.Length == 0)
            {
                continue;
            }

            int id = ids.TryGetValue(content, out int earlier) ? earlier : vocabulary.Find(content);
            id = id >= 0 ? id : next++;
            ids[content] = id;
            bool normalized = item.Flag("normalized", true);
            tokens.Add(new(id, content)
            {
                Pattern = normalized && normalizer is not null ? Normalize(content, normalizer, workspace) : content,
                SingleWord = item.Flag("single_word", false),
                StripLeft = item.Flag("lstrip", false),
                StripRight = item.Flag("rstrip", false),
                Normalized = normalized,
                Special = item.Flag("special", false),
            });
            if (tokens.Count > MaximumAddedTokens)
            {
                throw section.Fail($"has more than {MaximumAddedTokens} tokens.");
            }
        }

        return tokens;
    }

    private static string Normalize(string content, Normalizer normalizer, EncodeWorkspace workspace)
    {
        workspace.Begin(content.Length);
        return normalizer.Normalize(TextPiece.AtStart(content, 0, content.Length), workspace).Span.ToString();
    }
}
