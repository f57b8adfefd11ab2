using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>The BPE model of a tokenizer.json: a word in, ids out. Immutable.</summary>
internal sealed class BpeModel
{
    private const int StackBytes = 512;

    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly string _source;
    private readonly int[] _asciiIds = new int[128];
    private readonly int[] _alphabetIds = new int[256];
    private readonly int[] _byteTokenIds = new int[256];
    private readonly int _unknownId;
    private readonly bool _splitsAtSpace;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The merges, in terms of the vocabulary's ids.</param>
    /// <param name="options">The model's options.</param>
    /// <param name="source">Where it stands, for messages.</param>
    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeOptions options, string source)
    {
        Vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        _source = source;
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < 128; i++)
        {
            bytes[0] = (byte)i;
            _asciiIds[i] = vocabulary.Find(bytes[..1]);
        }

        bool whole = true;
        for (int i = 0; i < 256; i++)
        {
            int length = new Rune(ByteAlphabet.ToCharacter((byte)i)).EncodeToUtf8(bytes);
            _alphabetIds[i] = vocabulary.Find(bytes[..length]);
            _byteTokenIds[i] = options.ByteFallback ? vocabulary.Find($"<0x{i:X2}>") : -1;
            whole &= _alphabetIds[i] >= 0;
        }

        _unknownId = options.UnknownToken is null ? -1 : vocabulary.Find(options.UnknownToken);
        bool hasAffixes = options.ContinuingSubwordPrefix.Length + options.EndOfWordSuffix.Length > 0;
        _splitsAtSpace = !hasAffixes && vocabulary.HasMarkOnlyAtStart("▁"u8);
        TakesBytes = whole && !hasAffixes;
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>Whether <see cref="EncodeBytes"/> can be used: every byte has a token and no word needs affixes.</summary>
    public bool TakesBytes { get; }

    /// <summary>Adds vocabulary, merges and options to a hash.</summary>
    public void AppendTo(ContentHash hash)
    {
        Vocabulary.AppendTo(hash);
        _merges.AppendTo(hash);
        hash.Append(_options.UnknownToken ?? "\0");
        hash.Append(_options.ContinuingSubwordPrefix);
        hash.Append(_options.EndOfWordSuffix);
        hash.Append([_options.FuseUnknown ? 1 : 0, _options.ByteFallback ? 1 : 0, _options.IgnoreMerges ? 1 : 0]);
    }

    /// <summary>Adds the ids of a word of a byte-level model, given as the plain text.</summary>
    public void EncodeBytes(ReadOnlySpan<char> word, EncodeWorkspace workspace)
    {
        Span<byte> bytes = workspace.Bytes(Encoding.UTF8.GetMaxByteCount(word.Length));
        bytes = bytes[..Encoding.UTF8.GetBytes(word, bytes)];
        if (_options.IgnoreMerges && bytes.Length <= Vocabulary.LongestToken && TryFindWhole(bytes, out int id))
        {
            workspace.Ids.Add(id);
            return;
        }

        Span<int> symbols = workspace.Symbols(bytes.Length);
        for (int i = 0; i < bytes.Length; i++)
        {
            symbols[i] = _alphabetIds[bytes[i]];
        }

        workspace.Merger.Merge(_merges, symbols, workspace.Ids);
    }

    /// <summary>Adds the ids of a word, given as the vocabulary spells it.</summary>
    public void Encode(ReadOnlySpan<char> word, EncodeWorkspace workspace)
    {
        if (_options.IgnoreMerges && word.Length <= Vocabulary.LongestToken)
        {
            Span<byte> bytes = workspace.Bytes(Encoding.UTF8.GetMaxByteCount(word.Length));
            int whole = Vocabulary.Find(bytes[..Encoding.UTF8.GetBytes(word, bytes)]);
            if (whole >= 0)
            {
                workspace.Ids.Add(whole);
                return;
            }
        }

        while (_splitsAtSpace && WordEnds.Find(word, "▁") is > 0 and int end)
        {
            EncodeWord(word[..end], workspace);
            word = word[end..];
        }

        EncodeWord(word, workspace);
    }

    private void EncodeWord(ReadOnlySpan<char> word, EncodeWorkspace workspace)
    {
        TokenList symbols = workspace.Parts;
        symbols.Clear();
        bool unknownPending = false;
        for (int i = 0; i < word.Length;)
        {
            char c = word[i];
            int length = char.IsHighSurrogate(c) ? 2 : 1;
            bool isLast = i + length == word.Length;
            bool plain = (i == 0 || _options.ContinuingSubwordPrefix.Length == 0) && (!isLast || _options.EndOfWordSuffix.Length == 0);
            if (plain && c < 128 && _asciiIds[c] >= 0)
            {
                AddUnknown(symbols, ref unknownPending);
                symbols.Add(_asciiIds[c]);
            }
            else
            {
                EncodeCharacter(word.Slice(i, length), i == 0, isLast, workspace, symbols, ref unknownPending);
            }

            i += length;
        }

        AddUnknown(symbols, ref unknownPending);
        workspace.Merger.Merge(_merges, symbols.Items, workspace.Ids);
    }

    private void EncodeCharacter(
        ReadOnlySpan<char> character, bool isFirst, bool isLast, EncodeWorkspace workspace, TokenList symbols, ref bool unknownPending)
    {
        string prefix = isFirst ? "" : _options.ContinuingSubwordPrefix;
        string suffix = isLast ? _options.EndOfWordSuffix : "";
        Span<byte> bytes = workspace.Bytes(Encoding.UTF8.GetMaxByteCount(prefix.Length + suffix.Length + 2));
        int count = Encoding.UTF8.GetBytes(prefix, bytes);
        count += Encoding.UTF8.GetBytes(character, bytes[count..]);
        count += Encoding.UTF8.GetBytes(suffix, bytes[count..]);
        bytes = bytes[..count];
        int id = Vocabulary.Find(bytes);
        if (id >= 0)
        {
            AddUnknown(symbols, ref unknownPending);
            symbols.Add(id);
        }
        else if (_options.ByteFallback && HasByteTokens(bytes))
        {
            // An unknown character before these bytes is put behind them: the reference keeps it pending here, so this does too.
            foreach (byte value in bytes)
            {
                symbols.Add(_byteTokenIds[value]);
            }
        }
        else if (_options.UnknownToken is not null)
        {
            if (!_options.FuseUnknown)
            {
                AddUnknown(symbols, ref unknownPending);
            }

            unknownPending = true;
        }
    }

    private void AddUnknown(TokenList symbols, ref bool pending)
    {
        if (!pending)
        {
            return;
        }

        if (_unknownId < 0)
        {
            throw new InvalidModelException(
                $"{_source}: the text has a character that is not in the vocabulary, and neither is the unk_token {ModelFile.Quote(_options.UnknownToken ?? "")} that should stand for it.");
        }

        symbols.Add(_unknownId);
        pending = false;
    }

    private bool HasByteTokens(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (_byteTokenIds[value] < 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryFindWhole(ReadOnlySpan<byte> word, out int id)
    {
        Span<byte> spelled = word.Length * 2 <= StackBytes ? stackalloc byte[StackBytes] : new byte[word.Length * 2];
        int count = 0;
        foreach (byte value in word)
        {
            char c = ByteAlphabet.ToCharacter(value);
            if (c < 128)
            {
                spelled[count++] = (byte)c;
            }
            else
            {
                spelled[count++] = (byte)(0xC0 | (c >> 6));
                spelled[count++] = (byte)(0x80 | (c & 0x3F));
            }
        }

        id = Vocabulary.Find(spelled[..count]);
        return id >= 0;
    }
}
