using MetaEol.Llama.Tokenization;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Makes tokenizer.model files with a few pieces, to change one thing at a time.</summary>
internal sealed class SmallSentencePieceModel
{
    public const int Normal = 1;
    public const int Unknown = 2;
    public const int Control = 3;
    public const int UserDefined = 4;
    public const int Unused = 5;
    public const int Byte = 6;

    public List<(string Text, float Score, int Type)> Pieces { get; } = [("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control)];

    public int ModelType { get; set; } = 2;

    public bool ByteFallback { get; set; }

    public bool WhiteSpaceAsSuffix { get; set; }

    public bool AddDummyPrefix { get; set; } = true;

    public bool RemoveExtraWhiteSpace { get; set; }

    public bool EscapeWhiteSpace { get; set; } = true;

    public byte[] CharacterMap { get; set; } = [];

    /// <summary>Adds normal pieces; of these, the earlier merge first.</summary>
    public SmallSentencePieceModel Add(params string[] pieces)
    {
        foreach (string piece in pieces)
        {
            Pieces.Add((piece, -Pieces.Count, Normal));
        }

        return this;
    }

    public SmallSentencePieceModel AddBytes()
    {
        ByteFallback = true;
        for (int i = 0; i < 256; i++)
        {
            Pieces.Add(($"<0x{i:X2}>", 0, Byte));
        }

        return this;
    }

    public int Id(string piece) => Pieces.FindIndex(item => item.Text == piece);

    public byte[] ToBytes()
    {
        ProtobufWriter model = new();
        foreach ((string text, float score, int type) in Pieces)
        {
            model.Bytes(1, new ProtobufWriter().Text(1, text).Float(2, score).Number(3, type).ToArray());
        }

        model.Bytes(2, new ProtobufWriter().Number(3, ModelType).Flag(24, WhiteSpaceAsSuffix).Flag(35, ByteFallback).Number(43, -1).ToArray());
        model.Bytes(
            3,
            new ProtobufWriter().Text(1, "test").Bytes(2, CharacterMap).Flag(3, AddDummyPrefix).Flag(4, RemoveExtraWhiteSpace).Flag(5, EscapeWhiteSpace).ToArray());
        return model.ToArray();
    }

    public ITokenizer Load(string? config = null) => Load(ToBytes(), config);

    public static ITokenizer Load(byte[] content, string? config = null)
    {
        using TemporaryFile file = new("tokenizer.model", content);
        if (config is not null)
        {
            File.WriteAllText(Path.Combine(file.Folder, "tokenizer_config.json"), config);
        }

        return TokenizerLoader.Load(file.Folder);
    }
}
