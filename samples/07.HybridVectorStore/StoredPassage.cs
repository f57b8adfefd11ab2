namespace MetaEol.Samples.HybridVectorStore;

/// <summary>A passage as the vector store keeps it.</summary>
internal sealed class StoredPassage
{
    /// <summary>File, line, and place in the text: where the passage stands.</summary>
    public string Id { get; set; } = "";

    public string Heading { get; set; } = "";

    public string Text { get; set; } = "";

    /// <summary>What the store embeds: it has the registered generator do it when a passage is written.</summary>
    public string Embedding => Heading.Length == 0 ? Text : $"{Heading}: {Text}";
}
