namespace MetaEol.Llama.Tokenization;

/// <summary>The kinds of pieces in a SentencePiece model, with the numbers of its protobuf definition.</summary>
internal enum PieceType : byte
{
    /// <summary>An ordinary piece.</summary>
    Normal = 1,

    /// <summary>The piece for what no other matches.</summary>
    Unknown = 2,

    /// <summary>A control piece: never found in a text.</summary>
    Control = 3,

    /// <summary>Found in the text before anything is merged, and never merged.</summary>
    UserDefined = 4,

    /// <summary>Merges go through it, but it is taken apart again at the end.</summary>
    Unused = 5,

    /// <summary>One byte of a character that no piece has.</summary>
    Byte = 6,
}
