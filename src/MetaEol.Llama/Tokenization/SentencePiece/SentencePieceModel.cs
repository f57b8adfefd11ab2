using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>What a SentencePiece <c>tokenizer.model</c> holds, as far as it is needed to encode and decode. Immutable once read.</summary>
internal sealed class SentencePieceModel
{
    /// <summary>Pieces that can be found in a text: normal, user-defined and unused ones.</summary>
    public required Vocabulary Pieces { get; init; }

    /// <summary>All other pieces: unknown, control and byte ones.</summary>
    public required Vocabulary Reserved { get; init; }

    /// <summary>Kind of each id.</summary>
    public required PieceType[] Types { get; init; }

    /// <summary>Order of merging by id: the piece of the highest score has rank 0, equal scores have equal ranks.</summary>
    public required int[] Ranks { get; init; }

    /// <summary>The user-defined pieces, or null if there are none.</summary>
    public PrefixTable<byte>? UserDefined { get; init; }

    public required int UnknownId { get; init; }

    /// <summary>Ids of the 256 byte pieces, or null without byte fallback.</summary>
    public int[]? ByteIds { get; init; }

    public CharacterMap? CharacterMap { get; init; }

    public required bool AddDummyPrefix { get; init; }

    public required bool RemoveExtraWhiteSpace { get; init; }

    public required bool EscapeWhiteSpace { get; init; }

    /// <summary>Whether the dummy space goes behind the text and not before it.</summary>
    public required bool WhiteSpaceAsSuffix { get; init; }

    /// <summary>Whether no piece goes on behind a space, so that a text may be merged word by word.</summary>
    public required bool SplitsAtSpace { get; init; }

    public int Count => Types.Length;

    /// <summary>Adds the model to a hash.</summary>
    public void AppendTo(ContentHash hash)
    {
        Pieces.AppendTo(hash);
        Reserved.AppendTo(hash);
        hash.Append([.. Types.Select(type => (byte)type)]);
        hash.Append(Ranks);
        CharacterMap?.AppendTo(hash);
        hash.Append(
        [
            UnknownId, ByteIds is null ? 0 : 1, CharacterMap is null ? 0 : 1, AddDummyPrefix ? 1 : 0, RemoveExtraWhiteSpace ? 1 : 0, EscapeWhiteSpace ? 1 : 0,
            WhiteSpaceAsSuffix ? 1 : 0,
        ]);
    }

    /// <summary>The id of a piece of any kind, or -1.</summary>
    public int Find(ReadOnlySpan<byte> piece)
    {
        int id = Reserved.Find(piece);
        return id >= 0 ? id : Pieces.Find(piece);
    }

    /// <summary>The piece of an id, as UTF-8.</summary>
    public ReadOnlySpan<byte> Piece(int id)
    {
        ReadOnlySpan<byte> piece = Pieces.Token(id);
        return piece.IsEmpty ? Reserved.Token(id) : piece;
    }
}
