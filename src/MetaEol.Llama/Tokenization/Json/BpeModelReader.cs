using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads the section <c>model</c> of a tokenizer.json as a stream: it holds nearly all of the file, and no string is made of it.</summary>
internal sealed class BpeModelReader
{
    /// <summary>What a token takes in the file, with its id and its merge: a guess for the size of the tables.</summary>
    private const int BytesPerToken = 40;

    private const int MaximumAffix = 64;

    private readonly string _source;
    private readonly ReadOnlyMemory<byte> _json;
    private readonly JsonReaderOptions _options;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private BpeOptions _model = new();
    private Vocabulary? _vocabulary;
    private MergeTable? _merges;
    private string? _type;
    private (int Start, int End)? _postponedMerges;
    private byte[] _left = new byte[256];
    private byte[] _right = new byte[256];

    private BpeModelReader(string source, ReadOnlyMemory<byte> json, JsonReaderOptions options)
    {
        _source = source;
        _json = json;
        _options = options;
    }

    /// <summary>Reads the object that the reader stands on, and leaves the reader at its end.</summary>
    public static BpeModel Read(string source, ReadOnlyMemory<byte> json, JsonReaderOptions options, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidModelException($"{source}: 'model' is not an object.");
        }

        BpeModelReader model = new(source, json, options);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (!model._names.Add(name))
            {
                throw model.Fail($"model.{ModelFile.Visible(name, 80)}", "stands there twice; expected every key once");
            }

            model.ReadMember(name, ref reader);
        }

        return model.Finish();
    }

    private void ReadMember(string name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "type":
                _type = ReadText(name, ref reader);
                if (_type != "BPE")
                {
                    throw Fail("model.type", $"is {ModelFile.Quote(_type ?? "null")}, which is not supported; supported is BPE");
                }

                break;
            case "vocab":
                ReadVocabulary(ref reader);
                break;
            case "merges" when _vocabulary is not null:
                ReadMerges(ref reader);
                break;
            case "merges":
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                _postponedMerges = (start, (int)reader.BytesConsumed);
                break;
            case "unk_token":
                _model = _model with { UnknownToken = ReadText(name, ref reader) };
                break;
            case "continuing_subword_prefix":
                _model = _model with { ContinuingSubwordPrefix = ReadAffix(name, ref reader) };
                break;
            case "end_of_word_suffix":
                _model = _model with { EndOfWordSuffix = ReadAffix(name, ref reader) };
                break;
            case "fuse_unk":
                _model = _model with { FuseUnknown = ReadFlag(name, ref reader) };
                break;
            case "byte_fallback":
                _model = _model with { ByteFallback = ReadFlag(name, ref reader) };
                break;
            case "ignore_merges":
                _model = _model with { IgnoreMerges = ReadFlag(name, ref reader) };
                break;
            case "dropout":
                if (reader.TokenType != JsonTokenType.Null && !(reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double dropout) && dropout == 0))
                {
                    throw Fail("model.dropout", "is set, which makes token ids random; expected null or 0");
                }

                break;
            default:
                _ = TokenizerJsonReader.ParseValue(_json, _source, $"model.{name}", ref reader);
                break;
        }
    }

    private BpeModel Finish()
    {
        if (_vocabulary is null || (_merges is null && _postponedMerges is null))
        {
            string missing = _vocabulary is null ? "vocab" : "merges";
            throw Fail($"model.{missing}", "is missing; supported is the model type BPE, with vocab and merges");
        }

        if (_postponedMerges is (int start, int end))
        {
            Utf8JsonReader reader = new(_json.Span[start..end], _options);
            reader.Read();
            ReadMerges(ref reader);
        }

        if (_vocabulary.FindDuplicateId() is (string first, string second, int id))
        {
            throw Fail("model.vocab", $"gives the tokens {ModelFile.Quote(first)} and {ModelFile.Quote(second)} the same id {id}");
        }

        return new(_vocabulary, _merges!, _model, _source);
    }

    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fail("model.vocab", "is not an object of tokens and ids, as the supported model type BPE has it");
        }

        Vocabulary vocabulary = new(_json.Length / BytesPerToken);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> token = Utf8(ref reader, ref _left);
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long id) || id is < 0 or >= Vocabulary.IdLimit)
            {
                string value = reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : reader.TokenType.ToString();
                throw Fail("model.vocab", $"gives the token {ModelFile.Quote(token)} the id {ModelFile.Visible(value, 80)}; expected a whole number from 0 to {Vocabulary.IdLimit - 1}");
            }

            if (!vocabulary.TryAdd(token, (int)id))
            {
                throw Fail("model.vocab", $"has the token {ModelFile.Quote(token)} twice; expected every key once");
            }

            if (vocabulary.Count > Vocabulary.IdLimit)
            {
                throw Fail("model.vocab", $"has more than {Vocabulary.IdLimit} tokens");
            }
        }

        _vocabulary = vocabulary;
    }

    private void ReadMerges(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Fail("model.merges", "is not an array");
        }

        _merges = new(_vocabulary!.Count);
        int rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                ReadOnlySpan<byte> line = Utf8(ref reader, ref _left);
                if (line.StartsWith("#version"u8))
                {
                    continue;
                }

                int space = line.IndexOf((byte)' ');
                if (space < 0 || line[(space + 1)..].Contains((byte)' '))
                {
                    throw BadMerge(rank, $"is {ModelFile.Quote(line)}; expected two tokens with one space between them");
                }

                AddMerge(line[..space], line[(space + 1)..], rank++);
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                throw BadMerge(rank, "is neither a string nor an array of two strings");
            }

            ReadOnlySpan<byte> left = Utf8(ref reader, ref _left);
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                throw BadMerge(rank, "is not an array of two strings");
            }

            AddMerge(left, Utf8(ref reader, ref _right), rank++);
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            {
                throw BadMerge(rank - 1, "is not an array of two strings");
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddMerge(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int rank)
    {
        int prefix = Encoding.UTF8.GetByteCount(_model.ContinuingSubwordPrefix);
        if (right.Length < prefix)
        {
            throw BadMerge(rank, $"has a second token shorter than the continuing_subword_prefix {ModelFile.Quote(_model.ContinuingSubwordPrefix)}");
        }

        int leftId = Find(left, rank);
        int rightId = Find(right, rank);
        int length = left.Length + right.Length - prefix;
        Span<byte> merged = length <= 256 ? stackalloc byte[256] : new byte[length];
        left.CopyTo(merged);
        right[prefix..].CopyTo(merged[left.Length..]);
        _merges!.Set(leftId, rightId, rank, Find(merged[..length], rank));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Find(ReadOnlySpan<byte> token, int rank)
    {
        int id = _vocabulary!.Find(token);
        return id >= 0 ? id : throw BadMerge(rank, $"needs the token {ModelFile.Quote(token)}, which model.vocab does not have");
    }

    private InvalidModelException BadMerge(int rank, string what) => Fail($"model.merges[{rank}]", what);

    private InvalidModelException Fail(string path, string what) => new($"{_source}: '{path}' {what}.");

    /// <summary>The current string as UTF-8, without a copy unless it has escapes.</summary>
    private static ReadOnlySpan<byte> Utf8(ref Utf8JsonReader reader, ref byte[] buffer)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (buffer.Length < reader.ValueSpan.Length)
        {
            buffer = new byte[reader.ValueSpan.Length];
        }

        return buffer.AsSpan(0, reader.CopyString(buffer));
    }

    private string? ReadText(string name, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw Fail($"model.{name}", "is neither a string nor null"),
    };

    /// <summary>What is set at every character and counted at every merge.</summary>
    private string ReadAffix(string name, ref Utf8JsonReader reader)
    {
        string affix = ReadText(name, ref reader) ?? "";
        return affix.Length <= MaximumAffix ? affix : throw Fail($"model.{name}", $"has {affix.Length} characters; at most {MaximumAffix} are taken");
    }

    private bool ReadFlag(string name, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False or JsonTokenType.Null => false,
        _ => throw Fail($"model.{name}", "is neither true nor false"),
    };
}
