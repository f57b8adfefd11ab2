namespace MetaEol.Llama.Tokenization;

/// <summary>The buffers of one call: rented by one thread at a time, kept for the next call, and small again after a large text.</summary>
internal sealed class EncodeWorkspace
{
    private const int KeptBytes = 65_536;

    private readonly Stack<List<PatternMatch>> _matches = new();
    private readonly Stack<List<TextSegment>> _segments = new();
    private byte[] _bytes = new byte[1024];
    private PieceMerger.Symbol[] _pieces = [];
    private int[] _symbols = new int[256];

    public TokenList Ids { get; } = new();

    public TokenList Parts { get; } = new();

    public PairMerger Merger { get; } = new();

    public PatternMatcher Matcher { get; } = new();

    public TextBudget Budget { get; } = new();

    /// <summary>An empty list for the parts of one split; splits may be nested.</summary>
    public List<PatternMatch> RentMatches() => _matches.TryPop(out List<PatternMatch>? list) ? list : [];

    public void ReturnMatches(List<PatternMatch> list)
    {
        list.Clear();
        if (list.Capacity <= KeptBytes && _matches.Count < 16)
        {
            _matches.Push(list);
        }
    }

    /// <summary>An empty list for the segments of one search for added tokens; searches may be nested.</summary>
    public List<TextSegment> RentSegments() => _segments.TryPop(out List<TextSegment>? list) ? list : [];

    public void ReturnSegments(List<TextSegment> list)
    {
        list.Clear();
        if (list.Capacity <= KeptBytes && _segments.Count < 16)
        {
            _segments.Push(list);
        }
    }

    /// <summary>Open merges of a SentencePiece text.</summary>
    public MergeHeap Heap { get; } = new();

    /// <summary>Symbols of a SentencePiece text.</summary>
    public PieceMerger.Symbol[] Pieces(int count)
    {
        if (_pieces.Length < count)
        {
            _pieces = new PieceMerger.Symbol[Math.Max(count, 256)];
        }

        return _pieces;
    }

    public Span<byte> Bytes(int count)
    {
        if (_bytes.Length < count)
        {
            _bytes = new byte[Math.Max(count, _bytes.Length * 2)];
        }

        return _bytes;
    }

    public Span<int> Symbols(int count)
    {
        if (_symbols.Length < count)
        {
            _symbols = new int[Math.Max(count, _symbols.Length * 2)];
        }

        return _symbols.AsSpan(0, count);
    }

    /// <summary>Makes it ready for a text of that length.</summary>
    public void Begin(int textLength)
    {
        Ids.Clear();
        Parts.Clear();
        Matcher.Begin(textLength);
        Budget.Begin(textLength);
        if (_bytes.Length > KeptBytes)
        {
            _bytes = new byte[1024];
        }

        if (_pieces.Length > KeptBytes)
        {
            _pieces = [];
        }

        if (_symbols.Length > KeptBytes)
        {
            _symbols = new int[256];
        }
    }
}
