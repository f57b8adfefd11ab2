using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads a SentencePiece <c>tokenizer.model</c> (a protobuf message) of model type BPE.</summary>
internal static class SentencePieceReader
{
    private const int BpeType = 2;

    /// <summary>Reads the model.</summary>
    /// <param name="source">The file, as messages name it.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="config">The settings beside it.</param>
    /// <exception cref="InvalidModelException">The file is damaged, or uses what is not supported.</exception>
    public static SentencePieceTokenizer Read(string source, byte[] content, TokenizerConfig config)
    {
        Draft draft = new(source);
        ProtobufReader reader = new(content, source);
        while (reader.TryReadField(out int field))
        {
            switch (field)
            {
                case 1:
                    draft.AddPiece(reader.ReadBytes());
                    break;
                case 2:
                    draft.ReadTrainer(reader.ReadBytes());
                    break;
                case 3:
                    draft.ReadNormalizer(reader.ReadBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        SentencePieceModel model = draft.Build();
        int[] before = SpecialToken(model, source, config, "bos", draft.BosId, true);
        int[] behind = SpecialToken(model, source, config, "eos", draft.EosId, false);
        bool isLegacy = config.Flag("legacy", true);
        List<AddedToken> tokens = AddedTokens(model, config);
        if (!isLegacy)
        {
            // Then nothing is normalized before the tokens are looked for.
            tokens = tokens.ConvertAll(token => token with { Normalized = false });
        }

        TextBudget budget = new();
        budget.Begin(content.Length);
        return new(new()
        {
            Model = model,
            PostProcessor = new([before, null, behind]),
            IsLegacy = isLegacy,
            AddPrefixSpace = config.Flag("add_prefix_space", true),
            AddedTokens = tokens,
            PlainTokens = AddedTokenMatcher.Of(tokens.Where(token => !token.Normalized)),
            NormalizedTokens = AddedTokenMatcher.Of(tokens.Where(token => token.Normalized).Select(token => token with { Pattern = Normalize(token.Content) })),
        });

        string Normalize(string token) => Encoding.UTF8.GetString(SentencePieceNormalizer.Normalize(
            model, Encoding.UTF8.GetBytes(token), model.AddDummyPrefix && config.Flag("add_prefix_space", true), budget));
    }

    /// <summary>The token before or behind a text, as Hugging Face's Llama tokenizer chooses it: by the settings, else the model's own.</summary>
    private static int[] SpecialToken(SentencePieceModel model, string source, TokenizerConfig config, string kind, int fallback, bool add)
    {
        string key = $"{kind}_token";
        if (!config.Flag($"add_{key}", add))
        {
            return [];
        }

        if (!config.Has(key))
        {
            return fallback >= 0 && fallback < model.Count ? [fallback] : [];
        }

        if (config.Token(key)?.Content is not { } content)
        {
            return [];
        }

        int id = model.Find(Encoding.UTF8.GetBytes(content));
        return id >= 0 ? [id] : throw config.Lacks(key, content, source);
    }

    /// <summary>The tokens that Hugging Face's conversion looks for in a text, in order of ids: control and user-defined pieces, and what the settings name.</summary>
    private static List<AddedToken> AddedTokens(SentencePieceModel model, TokenizerConfig config)
    {
        var tokens = new AddedToken?[model.Count];
        for (int id = 0; id < model.Count; id++)
        {
            if (model.Types[id] is PieceType.Control or PieceType.UserDefined)
            {
                string content = Encoding.UTF8.GetString(model.Piece(id));
                tokens[id] = config.Listed(content) is { } listed ? listed with { Id = id } : new(id, content) { Special = model.Types[id] == PieceType.Control };
            }
        }

        foreach (string key in (ReadOnlySpan<string>)["bos_token", "eos_token", "unk_token", "pad_token"])
        {
            AddedToken? token = config.Token(key);
            if (token is null && key == "unk_token" && !config.Has(key))
            {
                token = new(model.UnknownId, Encoding.UTF8.GetString(model.Piece(model.UnknownId))) { Special = true };
            }

            int id = token is null ? -1 : model.Find(Encoding.UTF8.GetBytes(token.Content));
            if (id >= 0)
            {
                tokens[id] = token! with { Id = id };
            }
        }

        List<AddedToken> found = [];
        foreach (AddedToken? token in tokens)
        {
            if (token is not null)
            {
                found.Add(token);
            }
        }

        return found;
    }

    /// <summary>What is known of the model while its fields are read.</summary>
    private sealed class Draft(string source)
    {
        private readonly Vocabulary _pieces = new(8192);
        private readonly Vocabulary _reserved = new(512);
        private readonly List<PieceType> _types = [];
        private readonly List<float> _scores = [];
        private readonly int[] _byteIds = CreateByteIds();
        private readonly List<byte[]> _userDefined = [];
        private readonly List<int> _userDefinedIds = [];
        private CharacterMap? _characterMap;
        private int _unknownId = -1;
        private int _modelType = 1;
        private bool _byteFallback;
        private bool _whiteSpaceAsSuffix;
        private bool _addDummyPrefix = true;
        private bool _removeExtraWhiteSpace = true;
        private bool _escapeWhiteSpace = true;

        public int BosId { get; private set; } = 1;

        public int EosId { get; private set; } = 2;

        public void AddPiece(ReadOnlySpan<byte> message)
        {
            int id = _types.Count;
            ReadOnlySpan<byte> piece = default;
            float score = 0;
            int type = (int)PieceType.Normal;
            ProtobufReader reader = new(message, source);
            while (reader.TryReadField(out int field))
            {
                switch (field)
                {
                    case 1:
                        piece = reader.ReadBytes();
                        break;
                    case 2:
                        score = reader.ReadFloat();
                        break;
                    case 3:
                        type = reader.ReadInt32();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            if (id >= Vocabulary.IdLimit || piece.IsEmpty || float.IsNaN(score) || type is < 1 or > 6)
            {
                throw Fail($"piece {id} is empty, has no number as its score, or is of the unknown type {type}");
            }

            // A part of a character would be found inside one, and leave the rest of it behind.
            if (!Utf8.IsValid(piece))
            {
                throw Fail($"piece {id} is not valid UTF-8");
            }

            _types.Add((PieceType)type);
            _scores.Add(score);
            Register(piece, id, (PieceType)type);
        }

        public void ReadTrainer(ReadOnlySpan<byte> message)
        {
            ProtobufReader reader = new(message, source);
            while (reader.TryReadField(out int field))
            {
                switch (field)
                {
                    case 3:
                        _modelType = reader.ReadInt32();
                        break;
                    case 24:
                        _whiteSpaceAsSuffix = reader.ReadBool();
                        break;
                    case 35:
                        _byteFallback = reader.ReadBool();
                        break;
                    case 41:
                        BosId = reader.ReadInt32();
                        break;
                    case 42:
                        EosId = reader.ReadInt32();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
        }

        public void ReadNormalizer(ReadOnlySpan<byte> message)
        {
            ProtobufReader reader = new(message, source);
            while (reader.TryReadField(out int field))
            {
                switch (field)
                {
                    case 2:
                        ReadOnlySpan<byte> map = reader.ReadBytes();
                        _characterMap = map.IsEmpty ? null : CharacterMap.Read(map, source);
                        break;
                    case 3:
                        _addDummyPrefix = reader.ReadBool();
                        break;
                    case 4:
                        _removeExtraWhiteSpace = reader.ReadBool();
                        break;
                    case 5:
                        _escapeWhiteSpace = reader.ReadBool();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
        }

        public SentencePieceModel Build()
        {
            if (_types.Count == 0)
            {
                throw Fail("it has no pieces");
            }

            if (_modelType != BpeType)
            {
                string name = _modelType switch { 1 => "Unigram", 3 => "Word", 4 => "Char", _ => _modelType.ToString(CultureInfo.InvariantCulture) };
                throw new InvalidModelException($"{source} is a SentencePiece model of type {name}, which is not supported. Supported is BPE.");
            }

            if (_unknownId < 0)
            {
                throw Fail("it has no piece of type unknown");
            }

            int missing = _byteFallback ? Array.IndexOf(_byteIds, -1) : -1;
            if (missing >= 0)
            {
                throw Fail($"it asks for byte fallback but lacks the piece <0x{missing:X2}>");
            }

            return new()
            {
                Pieces = _pieces,
                Reserved = _reserved,
                UserDefined = _userDefined.Count == 0 ? null : new(_userDefined, _userDefinedIds),
                Types = [.. _types],
                Ranks = Rank(_scores),
                UnknownId = _unknownId,
                ByteIds = _byteFallback ? _byteIds : null,
                CharacterMap = _characterMap,
                AddDummyPrefix = _addDummyPrefix,
                RemoveExtraWhiteSpace = _removeExtraWhiteSpace,
                EscapeWhiteSpace = _escapeWhiteSpace,
                SplitsAtSpace = _escapeWhiteSpace && _pieces.HasMarkOnlyAtStart("▁"u8),
                WhiteSpaceAsSuffix = _whiteSpaceAsSuffix,
            };
        }

        private static int[] CreateByteIds()
        {
            int[] ids = new int[256];
            Array.Fill(ids, -1);
            return ids;
        }

        private static int[] Rank(List<float> scores)
        {
            float[] keys = [.. scores.Select(score => -score)];
            int[] order = [.. Enumerable.Range(0, keys.Length)];
            int[] ranks = new int[keys.Length];
            Array.Sort(keys, order);
            for (int i = 1; i < keys.Length; i++)
            {
                ranks[order[i]] = ranks[order[i - 1]] + (keys[i] == keys[i - 1] ? 0 : 1);
            }

            return ranks;
        }

        private void Register(ReadOnlySpan<byte> piece, int id, PieceType type)
        {
            Vocabulary vocabulary = type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused ? _pieces : _reserved;
            if (!vocabulary.TryAdd(piece, id))
            {
                throw Fail($"the pieces {vocabulary.Find(piece)} and {id} are the same");
            }

            switch (type)
            {
                case PieceType.UserDefined:
                    _userDefined.Add(piece.ToArray());
                    _userDefinedIds.Add(id);
                    break;
                case PieceType.Unknown when _unknownId >= 0:
                    throw Fail($"the pieces {_unknownId} and {id} are both of type unknown");
                case PieceType.Unknown:
                    _unknownId = id;
                    break;
                case PieceType.Byte:
                    _byteIds[ParseByte(piece, id)] = id;
                    break;
            }
        }

        private int ParseByte(ReadOnlySpan<byte> piece, int id) =>
            piece.Length == 6 && piece.StartsWith("<0x"u8) && piece[5] == '>'
            && byte.TryParse(piece.Slice(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
                ? value
                : throw Fail($"piece {id} is of type byte but is not one of <0x00> to <0xFF>");

        private InvalidModelException Fail(string what) => new($"{source} is damaged: {what}. Expected a tokenizer.model of SentencePiece.");
    }
}
