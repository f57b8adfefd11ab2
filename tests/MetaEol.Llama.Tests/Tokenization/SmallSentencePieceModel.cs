using System.Buffers.Binary;
using System.Text;
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

    /// <summary>A precompiled_charsmap: a double-array trie, each node placed where its children fit.</summary>
    public static byte[] CreateMap(params (string From, string To)[] rules) =>
        CreateMap([.. rules.Select(rule => (Encoding.UTF8.GetBytes(rule.From), Encoding.UTF8.GetBytes(rule.To)))]);

    public static byte[] CreateMap(params (byte[] From, byte[] To)[] rules)
    {
        uint[] units = new uint[4096];
        HashSet<int> used = [0];
        List<byte> replacements = [];
        Place(0, [.. rules.Select(rule => (rule.From, Append(rule.To)))], 0);
        byte[] map = new byte[4 + (4 * units.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(map, 4 * units.Length);
        for (int i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (4 * i)), units[i]);
        }

        return [.. map, .. replacements];

        int Append(byte[] text)
        {
            int start = replacements.Count;
            replacements.AddRange([.. text, 0]);
            return start;
        }

        void Place(int node, List<(byte[] Key, int Value)> keys, int depth)
        {
            byte[] labels = [.. keys.Where(key => key.Key.Length > depth).Select(key => key.Key[depth]).Distinct()];
            List<int> leaves = [.. keys.Where(key => key.Key.Length == depth).Select(key => key.Value)];
            int offset = 1;
            while ((leaves.Count > 0 && used.Contains(node ^ offset)) || labels.Any(label => used.Contains(node ^ offset ^ label)))
            {
                offset++;
            }

            units[node] |= ((uint)offset << 10) | (leaves.Count > 0 ? 0x100u : 0);
            if (leaves.Count > 0)
            {
                used.Add(node ^ offset);
                units[node ^ offset] = 0x8000_0000 | (uint)leaves[0];
            }

            foreach (byte label in labels)
            {
                used.Add(node ^ offset ^ label);
                units[node ^ offset ^ label] |= label;
            }

            foreach (byte label in labels)
            {
                Place(node ^ offset ^ label, [.. keys.Where(key => key.Key.Length > depth && key.Key[depth] == label)], depth + 1);
            }
        }
    }
}
