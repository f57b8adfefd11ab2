namespace MetaEol.Samples.SemanticKernelRag;

/// <summary>A paragraph as the vector store keeps it.</summary>
internal sealed class Passage
{
    /// <summary>File and number of the paragraph.</summary>
    public string Id { get; set; } = "";

    public string File { get; set; } = "";

    public string Text { get; set; } = "";

    /// <summary>What the store embeds: it has the kernel's generator do it when a passage is written.</summary>
    public string Embedding => Text;
}
