namespace MetaEol.Llama.Tokenization;

/// <summary>SentencePiece's merging of one text: the neighbours whose union is the piece of the highest score first, of equal scores the leftmost.</summary>
/// <remarks>Other than in a tokenizer.json there are no merge rules: whatever two neighbours make up a piece may merge.</remarks>
internal readonly ref struct PieceMerger
{
    private readonly SentencePieceModel _model;
    private readonly EncodeWorkspace _workspace;
    private readonly Dictionary<int, int>? _leftLengths;

    /// <param name="model">The model.</param>
    /// <param name="hasUnused">Whether the model has pieces that must be taken apart again.</param>
    /// <param name="workspace">Buffers, and the list of ids to add to.</param>
    public PieceMerger(SentencePieceModel model, bool hasUnused, EncodeWorkspace workspace)
    {
        _model = model;
        _workspace = workspace;
        _leftLengths = hasUnused ? [] : null;
    }

    public void Merge(ReadOnlySpan<byte> text)
    {
        bool afterUnknown = false;
        while (_model.SplitsAtSpace && WordEnds.Find(text, "▁"u8) is > 0 and int end)
        {
            MergeWord(text[..end], ref afterUnknown);
            text = text[end..];
        }

        MergeWord(text, ref afterUnknown);
    }

    private void MergeWord(ReadOnlySpan<byte> text, ref bool afterUnknown)
    {
        Symbol[] symbols = _workspace.Pieces(text.Length);
        int count = Split(text, symbols);
        MergeHeap heap = _workspace.Heap;
        heap.Clear();
        for (int i = 1; i < count; i++)
        {
            Open(text, symbols, i - 1, i, ordered: false);
        }

        heap.Order();
        while (heap.Count > 0)
        {
            (int position, int length) = heap.Pop();
            ref Symbol left = ref symbols[position];
            if (left.Length == 0 || left.Next < 0 || left.Length + symbols[left.Next].Length != length)
            {
                // One of the two has merged with another since.
                continue;
            }

            ref Symbol right = ref symbols[left.Next];
            left.Length = length;
            left.Next = right.Next;
            right.Length = 0;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = position;
            }

            Open(text, symbols, left.Previous, position, ordered: true);
            Open(text, symbols, position, left.Next, ordered: true);
        }

        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            Emit(text.Slice(symbols[i].Start, symbols[i].Length), ref afterUnknown);
        }
    }

    /// <summary>One symbol per character, or per user-defined piece.</summary>
    private int Split(ReadOnlySpan<byte> text, Symbol[] symbols)
    {
        int count = 0;
        for (int start = 0; start < text.Length;)
        {
            int userDefined = _model.UserDefined?.LongestAt(text[start..], _workspace.Budget) ?? 0;
            int length = userDefined > 0 ? userDefined : Math.Min(SentencePieceTokenizer.CharacterLength(text[start]), text.Length - start);
            symbols[count] = new() { Start = start, Length = length, Previous = count - 1, Next = start + length < text.Length ? count + 1 : -1, IsFrozen = userDefined > 0 };
            start += length;
            count++;
        }

        return count;
    }

    private void Open(ReadOnlySpan<byte> text, Symbol[] symbols, int left, int right, bool ordered)
    {
        if (left < 0 || right < 0 || symbols[left].IsFrozen || symbols[right].IsFrozen)
        {
            return;
        }

        int length = symbols[left].Length + symbols[right].Length;
        if (length > _model.Pieces.LongestToken)
        {
            return;
        }

        int id = _model.Pieces.Find(text.Slice(symbols[left].Start, length));
        if (id < 0)
        {
            return;
        }

        if (ordered)
        {
            _workspace.Heap.Push(_model.Ranks[id], left, length);
        }
        else
        {
            _workspace.Heap.Append(_model.Ranks[id], left, length);
        }

        if (_leftLengths is not null && _model.Types[id] == PieceType.Unused)
        {
            _leftLengths[id] = symbols[left].Length;
        }
    }

    private void Emit(ReadOnlySpan<byte> piece, ref bool afterUnknown)
    {
        if (_leftLengths is null)
        {
            EmitOne(piece, Find(piece), ref afterUnknown);
            return;
        }

        // Unused pieces come apart into what they were merged from; a stack and not recursion, as pieces may be long.
        Stack<(int Start, int Length)> open = new();
        open.Push((0, piece.Length));
        while (open.TryPop(out (int Start, int Length) part))
        {
            ReadOnlySpan<byte> span = piece.Slice(part.Start, part.Length);
            int id = Find(span);
            if (_model.Types[id] == PieceType.Unused && _leftLengths.TryGetValue(id, out int left))
            {
                open.Push((part.Start + left, part.Length - left));
                open.Push((part.Start, left));
            }
            else
            {
                EmitOne(span, id, ref afterUnknown);
            }
        }
    }

    private int Find(ReadOnlySpan<byte> piece) => _model.Find(piece) is >= 0 and int id ? id : _model.UnknownId;

    private void EmitOne(ReadOnlySpan<byte> piece, int id, ref bool afterUnknown)
    {
        bool isUnknown = id == _model.UnknownId;
        if (isUnknown && _model.ByteIds is not null)
        {
            foreach (byte value in piece)
            {
                _workspace.Ids.Add(_model.ByteIds[value]);
            }
        }
        else if (!isUnknown || !afterUnknown)
        {
            // Unknown pieces behind one another are one.
            _workspace.Ids.Add(id);
        }

        afterUnknown = isUnknown;
    }

    internal struct Symbol
    {
        public int Start;
        public int Length;
        public int Previous;
        public int Next;
        public bool IsFrozen;
    }
}
