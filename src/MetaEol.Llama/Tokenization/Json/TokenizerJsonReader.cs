using System.Text.Json;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c>.</summary>
/// <remarks>
/// <c>truncation</c> and <c>padding</c> are not applied: Hugging Face's <c>tokenizer(text)</c> switches both off, and a prompt must not be cut silently.
/// </remarks>
internal sealed class TokenizerJsonReader
{
    private const int MaximumAddedTokens = 1 << 17;

    // All but the model. A parsed section takes several times as much memory as its text.
    private const int MaximumSectionLength = 16 << 20;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = ModelFile.JsonOptions.MaxDepth };

    private readonly string _source;
    private readonly ReadOnlyMemory<byte> _json;
    private readonly Dictionary<string, JsonSection> _sections = new(StringComparer.Ordinal);
    private BpeModel? _model;

    private TokenizerJsonReader(string source, ReadOnlyMemory<byte> json)
    {
        _source = source;
        _json = json;
    }

    /// <summary>Reads a file's content.</summary>
    /// <param name="source">The file, as messages name it.</param>
    /// <param name="json">Its bytes.</param>
    /// <param name="config">The settings beside it, or null.</param>
    /// <exception cref="InvalidModelException">The file is malformed, or uses what is not supported.</exception>
    public static HuggingFaceTokenizer Read(string source, ReadOnlyMemory<byte> json, TokenizerConfig? config)
    {
        try
        {
            TokenizerJsonReader reader = new(source, ModelFile.CheckUtf8(json, source));
            reader.ReadSections();
            return reader.Build(config);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw ModelFile.MalformedJson(source, exception);
        }
    }

    private void ReadSections()
    {
        Utf8JsonReader reader = new(_json.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidModelException($"{_source} is not a JSON object; expected a tokenizer.json of Hugging Face.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "model" && reader.TokenType != JsonTokenType.Null)
            {
                _model = _model is null ? BpeModelReader.Read(_source, _json, Options, ref reader) : throw Twice("model");
                continue;
            }

            // What is not used is parsed all the same: a key that stands twice is refused wherever it is.
            JsonSection section = new(ParseValue(_json, _source, name, ref reader), _source, name);
            if (!_sections.TryAdd(name, section))
            {
                throw Twice(name);
            }
        }

        // What follows the object must be white space, or the file is damaged.
        reader.Read();
    }

    /// <summary>Parses the value that the reader stands on, and leaves the reader at its end.</summary>
    public static JsonElement ParseValue(ReadOnlyMemory<byte> json, string source, string name, ref Utf8JsonReader reader)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        int length = (int)reader.BytesConsumed - start;
        return length <= MaximumSectionLength
            ? JsonElement.Parse(json.Span.Slice(start, length), ModelFile.JsonOptions)
            : throw new InvalidModelException($"{source}: '{name}' has {length} bytes; at most {MaximumSectionLength} are read.");
    }

    private InvalidModelException Twice(string name) => new($"{_source}: '{ModelFile.Visible(name, 80)}' stands there twice; expected every key once.");

    private HuggingFaceTokenizer Build(TokenizerConfig? config)
    {
        if (_model is null)
        {
            throw new InvalidModelException($"{_source} has no 'model'; expected a tokenizer.json of Hugging Face with a BPE model.");
        }

        Normalizer? normalizer = NormalizerReader.Read(Section("normalizer"));
        List<AddedToken> added = ReadAddedTokens(Section("added_tokens"), _model.Vocabulary, normalizer);
        Dictionary<int, AddedToken> byId = [];
        foreach (AddedToken token in added)
        {
            byId[token.Id] = token;
        }

        PostProcessor postProcessor = config?.RebuildPostProcessor(content => Find(content, added, _model.Vocabulary), _source)
            ?? PostProcessorReader.Read(Section("post_processor"));

        int maximumId = Math.Max(_model.Vocabulary.MaximumId, postProcessor.MaximumId);
        foreach (int id in byId.Keys)
        {
            maximumId = Math.Max(maximumId, id);
        }

        return new(new()
        {
            Pipeline = new(PreTokenizerReader.Read(Section("pre_tokenizer")), _model),
            PlainTokens = AddedTokenMatcher.Of(byId.Values.Where(token => !token.Normalized)),
            NormalizedTokens = AddedTokenMatcher.Of(byId.Values.Where(token => token.Normalized)),
            AddedTokens = byId,
            Normalizer = normalizer,
            PostProcessor = postProcessor,
            Decoder = DecoderReader.Read(Section("decoder")),
            Steps = $"{Section("normalizer").RawText}\n{Section("pre_tokenizer").RawText}\n{Section("decoder").RawText}",
            VocabularySize = maximumId + 1,
        });
    }

    private JsonSection Section(string name) => _sections.GetValueOrDefault(name) ?? new(default, _source, name);

    private static int Find(string content, List<AddedToken> added, Vocabulary vocabulary) =>
        added.Find(token => token.Content == content)?.Id ?? vocabulary.Find(content);

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
        List<JsonSection> items = section.AsItems();
        if (items.Count > MaximumAddedTokens)
        {
            throw section.Fail($"has {items.Count} tokens; at most {MaximumAddedTokens} are read.");
        }

        // One budget for all of them: each alone may not use up what a text may.
        workspace.Begin(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(section.Value).Length);
        foreach (JsonSection item in items)
        {
            string content = item.RequiredText("content");
            _ = item.RequiredInteger("id", 0, Vocabulary.IdLimit - 1);
            if (content.Length == 0)
            {
                continue;
            }

            int id = ids.TryGetValue(content, out int earlier) ? earlier : vocabulary.Find(content);
            id = id >= 0 ? id : next++;
            ids[content] = id;
            bool normalized = item.Flag("normalized") ?? true;
            tokens.Add(new(id, content)
            {
                Pattern = normalized && normalizer is not null
                    ? normalizer.Normalize(TextPiece.AtStart(content, 0, content.Length), workspace).Span.ToString()
                    : content,
                SingleWord = item.Flag("single_word") == true,
                StripLeft = item.Flag("lstrip") == true,
                StripRight = item.Flag("rstrip") == true,
                Normalized = normalized,
                Special = item.Flag("special") == true,
            });
        }

        return tokens;
    }
}
