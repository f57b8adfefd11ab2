using MetaEol.Tests;

namespace MetaEol.Benchmarks;

/// <summary>The sizes of a published model; weights are random.</summary>
public sealed record ModelShape(string Name, int HiddenSize, int IntermediateSize, int Heads, int KeyValueHeads, int HeadDimension, int Layers, int Vocabulary)
{
    public static ModelShape SmolLm135M { get; } = new("SmolLM2-135M", 576, 1536, 9, 3, 64, 30, 49152);

    public static ModelShape Llama1B { get; } = new("Llama-3.2-1B", 2048, 8192, 32, 8, 64, 16, 128256);

    public static ModelShape Llama7B { get; } = new("Llama-2-7B", 4096, 11008, 32, 32, 128, 32, 32000);

    public static IReadOnlyList<ModelShape> All { get; } = [SmolLm135M, Llama1B, Llama7B];

    /// <summary>The four products of a layer, as the encoder computes them: parts that share their input are one.</summary>
    public IReadOnlyList<ProductShape> Products =>
    [
        new("qkv", (Heads + (2 * KeyValueHeads)) * HeadDimension, HiddenSize),
        new("o", HiddenSize, Heads * HeadDimension),
        new("gate+up", 2 * IntermediateSize, HiddenSize),
        new("down", HiddenSize, IntermediateSize),
    ];

    /// <summary>The same sizes with fewer layers or tokens, for a quick look.</summary>
    public ModelShape Cut(int layers, int vocabulary) => this with { Layers = layers, Vocabulary = vocabulary };

    /// <summary>Writes a model folder of this shape with random bfloat16 weights.</summary>
    public void Write(string folder) =>
        new RandomModel
        {
            HiddenSize = HiddenSize,
            IntermediateSize = IntermediateSize,
            AttentionHeads = Heads,
            KeyValueHeads = KeyValueHeads,
            HeadDimension = HeadDimension,
            LayerCount = Layers,
            VocabularySize = Vocabulary,
            TieWordEmbeddings = true,
            Type = "BF16",
        }.Write(folder);

    public override string ToString() => Name;
}
