using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>A SentencePiece <c>tokenizer.model</c> of type BPE. Safe for use from many threads at once.</summary>
/// <remarks>As SentencePiece itself does, it reads special tokens in a text as plain text; both readings of <see cref="SpecialTokenHandling"/> are therefore the same here.</remarks>
internal sealed class SentencePieceTokenizer : Tokenizer
{
    private readonly SentencePieceModel _model;
    private readonly PostProcessor _postProcessor;
    private readonly bool _hasUnused;
    private readonly TokenDecoder _decoder;

    public SentencePieceTokenizer(SentencePieceModel model, PostProcessor postProcessor)
    {
        _model = model;
        _postProcessor = postProcessor;
        _hasUnused = model.Types.Contains(PieceType.Unused);
        List<TokenDecoder> decoders = [new ReplaceDecoder(TextPattern.OfLiteral("▁"), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (model.AddDummyPrefix)
        {
            decoders.Add(model.WhiteSpaceAsSuffix ? new StripDecoder(new Rune(' '), 0, 1) : new StripDecoder(new Rune(' '), 1, 0));
        }

        _decoder = new SequenceDecoder([.. decoders]);
    }

    public override int VocabularySize => _model.Count;

    public override SpecialTokenHandling SpecialTokens => SpecialTokenHandling.PlainText;

    /// <summary>Length in bytes of the UTF-8 character that starts with this byte.</summary>
    public static int CharacterLength(byte first) => first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    public override ITokenizer WithSpecialTokens(SpecialTokenHandling handling) => handling == SpecialTokenHandling.PlainText
        ? this
        : throw new NotSupportedException("A SentencePiece tokenizer.model reads special tokens in a text as plain text only. A tokenizer.json of the same model can recognize them.");

    public override string Decode(ReadOnlySpan<int> ids)
    {
        List<string> tokens = new(ids.Length);
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_model.Count)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token ids go from 0 to {_model.Count - 1}.");
            }

            ReadOnlySpan<byte> piece = _model.Pieces.Token(id);
            tokens.Add(System.Text.Encoding.UTF8.GetString(piece.IsEmpty ? _model.Reserved.Token(id) : piece));
        }

        return string.Concat(_decoder.Decode(tokens));
    }

    protected override int[] PostProcess(ReadOnlySpan<int> ids) => _postProcessor.Apply(ids);

    protected override void Tokenize(string text, EncodeWorkspace workspace)
    {
        Span<byte> utf8 = workspace.Bytes(System.Text.Encoding.UTF8.GetMaxByteCount(text.Length));
        ReadOnlySpan<byte> normalized = SentencePieceNormalizer.Normalize(_model, utf8[..System.Text.Encoding.UTF8.GetBytes(text, utf8)]);
        if (!normalized.IsEmpty)
        {
            new PieceMerger(_model, _hasUnused, workspace).Merge(normalized);
        }
    }
}
