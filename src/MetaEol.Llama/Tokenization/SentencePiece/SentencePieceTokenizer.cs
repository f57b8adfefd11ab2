using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>A SentencePiece <c>tokenizer.model</c> of type BPE. Safe for use from many threads at once.</summary>
/// <remarks>
/// With <see cref="SpecialTokenHandling.Recognize"/> it reads a text as Hugging Face's conversion of the model does: added tokens first, then each stretch between them
/// by itself. With <see cref="SpecialTokenHandling.PlainText"/> it reads the whole text as SentencePiece itself does.
/// </remarks>
internal sealed class SentencePieceTokenizer : Tokenizer
{
    private const string Mark = "▁";

    private readonly SentencePieceParts _parts;
    private readonly SentencePieceModel _model;
    private readonly SentencePieceTokenizer _other;
    private readonly bool _hasUnused;
    private readonly TokenDecoder _decoder;

    public SentencePieceTokenizer(SentencePieceParts parts)
    {
        _parts = parts;
        _model = parts.Model;
        SpecialTokens = SpecialTokenHandling.Recognize;
        _hasUnused = _model.Types.Contains(PieceType.Unused);
        List<TokenDecoder> decoders = [new ReplaceDecoder(TextPattern.OfLiteral(Mark), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (_model.AddDummyPrefix)
        {
            decoders.Add(_model.WhiteSpaceAsSuffix ? new StripDecoder(new Rune(' '), 0, 1) : new StripDecoder(new Rune(' '), 1, 0));
        }

        _decoder = new SequenceDecoder([.. decoders]);
        _other = new(this);
    }

    private SentencePieceTokenizer(SentencePieceTokenizer other)
        : base(other)
    {
        _parts = other._parts;
        _model = other._model;
        SpecialTokens = SpecialTokenHandling.PlainText;
        _hasUnused = other._hasUnused;
        _decoder = other._decoder;
        _other = other;
    }

    public override int VocabularySize => _model.Count;

    public override SpecialTokenHandling SpecialTokens { get; }

    /// <summary>Length in bytes of the UTF-8 character that starts with this byte.</summary>
    public static int CharacterLength(byte first) => first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    public override ITokenizer WithSpecialTokens(SpecialTokenHandling handling) => handling == SpecialTokens ? this : _other;

    public override string Decode(ReadOnlySpan<int> ids)
    {
        List<string> tokens = new(ids.Length);
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_model.Count)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token ids go from 0 to {_model.Count - 1}.");
            }

            tokens.Add(Encoding.UTF8.GetString(_model.Piece(id)));
        }

        return Decode(_decoder, tokens);
    }

    protected override string Kind => ModelFileKind.SentencePiece.Name;

    protected override void AppendTo(ContentHash hash)
    {
        _model.AppendTo(hash);
        _parts.PostProcessor.AppendTo(hash);
        hash.Append([_parts.IsLegacy ? 1 : 0, _parts.AddPrefixSpace ? 1 : 0]);
        foreach (AddedToken token in _parts.AddedTokens)
        {
            token.AppendTo(hash);
        }
    }

    protected override int[] PostProcess(ReadOnlySpan<int> ids) => _parts.PostProcessor.Apply(ids);

    protected override void Tokenize(string text, PlainRange plain, EncodeWorkspace workspace)
    {
        if (SpecialTokens == SpecialTokenHandling.PlainText)
        {
            Merge(Normalize(text, _model.AddDummyPrefix, workspace), workspace);
            return;
        }

        if (_parts.PlainTokens is null)
        {
            Convert(text, 0, text.Length, plain, workspace);
            return;
        }

        List<TextSegment> segments = workspace.RentSegments();
        _parts.PlainTokens.Split(text, plain, workspace.Budget, segments);
        foreach (TextSegment segment in segments)
        {
            if (segment.Id >= 0)
            {
                workspace.Ids.Add(segment.Id);
            }
            else
            {
                Convert(text, segment.Start, segment.End, plain.Within(segment.Start, segment.End), workspace);
            }
        }

        workspace.ReturnSegments(segments);
    }

    /// <summary>Adds the ids of a stretch of the text without added tokens, but for those that are looked for in normalized text.</summary>
    private void Convert(string text, int start, int end, PlainRange plain, EncodeWorkspace workspace)
    {
        ReadOnlySpan<char> stretch = text.AsSpan(start, end - start);
        bool addDummySpace = _model.AddDummyPrefix && _parts.AddPrefixSpace
            && (_parts.IsLegacy || (start == 0 && stretch[0] != ' ' && !stretch.StartsWith(Mark, StringComparison.Ordinal)));
        if (_parts.NormalizedTokens is null)
        {
            Merge(Normalize(stretch, addDummySpace, workspace), workspace);
            return;
        }

        string normalized = Normalize(stretch, addDummySpace, ref plain, workspace);
        List<TextSegment> segments = workspace.RentSegments();
        _parts.NormalizedTokens.Split(normalized, plain, workspace.Budget, segments);
        foreach (TextSegment segment in segments)
        {
            if (segment.Id >= 0)
            {
                workspace.Ids.Add(segment.Id);
            }
            else
            {
                Merge(Encoding.UTF8.GetBytes(normalized[segment.Start..segment.End]), workspace);
            }
        }

        workspace.ReturnSegments(segments);
    }

    private ReadOnlySpan<byte> Normalize(ReadOnlySpan<char> text, bool addDummySpace, EncodeWorkspace workspace)
    {
        Span<byte> utf8 = workspace.Bytes(Encoding.UTF8.GetMaxByteCount(text.Length));
        return SentencePieceNormalizer.Normalize(_model, utf8[..Encoding.UTF8.GetBytes(text, utf8)], addDummySpace, workspace.Budget);
    }

    /// <summary>The same as a string, with the plain part in UTF-16 units before and after.</summary>
    private string Normalize(ReadOnlySpan<char> text, bool addDummySpace, ref PlainRange plain, EncodeWorkspace workspace)
    {
        plain = plain.IsPart
            ? new(Encoding.UTF8.GetByteCount(text[..plain.Start]), Encoding.UTF8.GetByteCount(text[..plain.End]))
            : plain;
        Span<byte> utf8 = workspace.Bytes(Encoding.UTF8.GetMaxByteCount(text.Length));
        ReadOnlySpan<byte> normalized = SentencePieceNormalizer.Normalize(
            _model, utf8[..Encoding.UTF8.GetBytes(text, utf8)], addDummySpace, plain, workspace.Budget, out plain);
        plain = plain.IsPart
            ? new(Characters(normalized, plain.Start), Characters(normalized, plain.End))
            : plain;
        return Encoding.UTF8.GetString(normalized);

        static int Characters(ReadOnlySpan<byte> utf8, int count) => Encoding.UTF8.GetCharCount(utf8[..Math.Min(count, utf8.Length)]);
    }

    private void Merge(ReadOnlySpan<byte> normalized, EncodeWorkspace workspace)
    {
        if (!normalized.IsEmpty)
        {
            new PieceMerger(_model, _hasUnused, workspace).Merge(normalized);
        }
    }
}
