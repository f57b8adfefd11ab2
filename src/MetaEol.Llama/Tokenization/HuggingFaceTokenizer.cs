using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>A tokenizer.json: added tokens, normalizer, pre-tokenizers, BPE model, post-processor, decoder. Safe for use from many threads at once.</summary>
internal sealed class HuggingFaceTokenizer : Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly HuggingFaceTokenizer _other;

    public HuggingFaceTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        SpecialTokens = SpecialTokenHandling.Recognize;
        _other = new(parts, this);
    }

    private HuggingFaceTokenizer(TokenizerParts parts, HuggingFaceTokenizer other)
        : base(other)
    {
        _parts = parts;
        SpecialTokens = SpecialTokenHandling.PlainText;
        _other = other;
    }

    public override int VocabularySize => _parts.VocabularySize;

    public override SpecialTokenHandling SpecialTokens { get; }

    public override ITokenizer WithSpecialTokens(SpecialTokenHandling handling) => handling == SpecialTokens ? this : _other;

    public override string Decode(ReadOnlySpan<int> ids)
    {
        List<string> tokens = new(ids.Length);
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)VocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token ids go from 0 to {VocabularySize - 1}.");
            }

            if (_parts.AddedTokens.TryGetValue(id, out AddedToken? added))
            {
                tokens.Add(added.Pattern);
                continue;
            }

            ReadOnlySpan<byte> token = _parts.Pipeline.Model.Vocabulary.Token(id);
            if (!token.IsEmpty)
            {
                tokens.Add(Encoding.UTF8.GetString(token));
            }
        }

        return _parts.Decoder is null ? string.Join(' ', tokens) : Decode(_parts.Decoder, tokens);
    }

    protected override string Kind => ModelFileKind.TokenizerJson.Name;

    protected override void AppendTo(ContentHash hash)
    {
        _parts.Pipeline.Model.AppendTo(hash);
        _parts.PostProcessor.AppendTo(hash);
        hash.Append(_parts.Steps);
        foreach (AddedToken token in _parts.AddedTokens.Values.OrderBy(token => token.Id))
        {
            token.AppendTo(hash);
        }
    }

    protected override void Tokenize(string text, PlainRange plain, EncodeWorkspace workspace)
    {
        if (_parts.PlainTokens is null)
        {
            NormalizeAndSplit(TextPiece.AtStart(text, 0, text.Length), plain, workspace);
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
                NormalizeAndSplit(TextPiece.AtStart(text, segment.Start, segment.End), plain.Within(segment.Start, segment.End), workspace);
            }
        }

        workspace.ReturnSegments(segments);
    }

    protected override int[] PostProcess(ReadOnlySpan<int> ids) => _parts.PostProcessor.Apply(ids);

    private void NormalizeAndSplit(in TextPiece piece, PlainRange plain, EncodeWorkspace workspace)
    {
        if (_parts.NormalizedTokens is null)
        {
            _parts.Pipeline.Process(_parts.Normalizer?.Normalize(piece, workspace) ?? piece, 0, workspace);
            return;
        }

        // Only special tokens ask where the plain part is.
        plain = _parts.NormalizedTokens.HasSpecial ? plain : PlainRange.None;
        TextPiece normalized = _parts.Normalizer?.Normalize(piece, ref plain, workspace) ?? piece;
        List<TextSegment> segments = workspace.RentSegments();
        _parts.NormalizedTokens.Split(normalized.Span, plain, workspace.Budget, segments);
        foreach (TextSegment segment in segments)
        {
            if (segment.Id >= 0)
            {
                workspace.Ids.Add(segment.Id);
            }
            else
            {
                _parts.Pipeline.Process(normalized.Slice(segment.Start, segment.End), 0, workspace);
            }
        }

        workspace.ReturnSegments(segments);
    }
}
