using System.Text.Json;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>The settings that Hugging Face keeps beside a tokenizer: <c>tokenizer_config.json</c>, and <c>special_tokens_map.json</c> of older folders.</summary>
internal sealed class TokenizerConfig
{
    private const string AddedTokensKey = "added_tokens_decoder";

    private readonly JsonSection _settings;
    private readonly JsonSection? _map;
    private readonly Dictionary<string, AddedToken> _listed = new(StringComparer.Ordinal);

    private TokenizerConfig(JsonSection settings, JsonSection? map)
    {
        _settings = settings;
        _map = map;
        foreach (JsonSection token in settings.Section(AddedTokensKey)?.Members() ?? [])
        {
            string content = token.RequiredText("content");
            bool special = token.Flag("special") == true;
            _listed[content] = Describe(content, token, special) with { Special = special };
        }
    }

    /// <summary>Reads what a folder has; where it has nothing, every setting is missing.</summary>
    /// <exception cref="InvalidModelException">A file cannot be read, or is no JSON object.</exception>
    public static TokenizerConfig Read(ModelFolder folder)
    {
        JsonSection? settings = folder.ReadJsonIfThere(ModelFileKind.TokenizerConfig);
        // Where the settings list the added tokens, Hugging Face does not look at the older file.
        bool isNew = settings?.HasValue(AddedTokensKey) == true;
        JsonSection? map = isNew ? null : folder.ReadJsonIfThere(ModelFileKind.SpecialTokensMap);
        using JsonDocument nothing = JsonDocument.Parse("{}");
        return new(settings ?? new(nothing.RootElement.Clone(), ModelFileKind.TokenizerConfig.Name), map);
    }

    /// <summary>Whether a flag is set; one that is null is not, as in Python.</summary>
    public bool Flag(string key, bool fallback) => _settings.Flag(key) ?? (!_settings.Has(key) && fallback);

    /// <summary>Whether the settings name a special token, or say with null that there is none.</summary>
    public bool Has(string key) => (_map?.Has(key) ?? false) || _settings.Has(key);

    /// <summary>A token of <c>added_tokens_decoder</c>, or null; its id is not known here.</summary>
    public AddedToken? Listed(string content) => _listed.GetValueOrDefault(content);

    /// <summary>A special token, such as <c>bos_token</c>, or null where it is missing or null; its id is not known here.</summary>
    public AddedToken? Token(string key)
    {
        bool isMapped = _map?.Has(key) ?? false;
        JsonSection value = (isMapped ? _map! : _settings).Member(key);
        if (value.IsNothing)
        {
            return null;
        }

        string content = value.Value.ValueKind switch
        {
            JsonValueKind.String => value.AsText(),
            JsonValueKind.Object => value.RequiredText("content"),
            _ => throw value.Invalid("a string, or an object with 'content'"),
        };
        AddedToken token = Listed(content)
            ?? (value.Value.ValueKind == JsonValueKind.Object ? Describe(content, value, special: isMapped) : new(-1, content));
        return token with { Special = true };
    }

    /// <summary>The exception for a special token that the tokenizer lacks.</summary>
    public InvalidModelException Lacks(string key, string content, string tokenizer) =>
        ((_map?.Has(key) ?? false) ? _map! : _settings).Member(key).Fail($"is {ModelFile.Quote(content)}, which {tokenizer} does not have.");

    /// <summary>
    /// The post-processor that Hugging Face builds from <c>add_bos_token</c> and <c>add_eos_token</c> in the place of the one in tokenizer.json, or null where the
    /// tokenizer's class leaves that one as it is.
    /// </summary>
    /// <param name="find">The id of a token, or -1.</param>
    /// <param name="tokenizer">The tokenizer's file, as messages name it.</param>
    /// <exception cref="InvalidModelException">A token that is to be added is null, or the tokenizer lacks it.</exception>
    public PostProcessor? RebuildPostProcessor(Func<string, int> find, string tokenizer)
    {
        string name = _settings.Text("tokenizer_class") ?? "";
        name = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;
        (string ownBos, string ownEos) = name switch
        {
            // In transformers 4.57 these are all that do it and whose models are supported here.
            "LlamaTokenizer" or "CodeLlamaTokenizer" => ("<s>", "</s>"),
            "GemmaTokenizer" => ("<bos>", "<eos>"),
            _ => ("", ""),
        };
        if (ownBos.Length == 0)
        {
            return null;
        }

        return new([Added("bos", ownBos, true), null, Added("eos", ownEos, false)]);

        int[] Added(string kind, string own, bool fallback)
        {
            string key = $"{kind}_token";
            if (!Flag($"add_{key}", fallback))
            {
                return [];
            }

            string content = Token(key)?.Content
                ?? (Has(key) ? throw _settings.Inconsistent($"'add_{key}' is true{(_settings.Has($"add_{key}") ? "" : " (the default)")} but '{key}' is null; expected a token, or false.") : own);
            int id = find(content);
            return id >= 0 ? [id] : throw Lacks(key, content, tokenizer);
        }
    }

    /// <summary>A token with its flags, and the defaults that Hugging Face gives them.</summary>
    private static AddedToken Describe(string content, JsonSection token, bool special) => new(-1, content)
    {
        SingleWord = token.Flag("single_word") == true,
        StripLeft = token.Flag("lstrip") == true,
        StripRight = token.Flag("rstrip") == true,
        Normalized = token.Flag("normalized") ?? !special,
    };
}
