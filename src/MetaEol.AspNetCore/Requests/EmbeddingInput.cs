namespace MetaEol.AspNetCore.Requests;

/// <summary>What a request wants embedded: texts, or token ids of texts.</summary>
internal sealed class EmbeddingInput
{
    /// <param name="field">The field that it came in.</param>
    /// <param name="texts">The texts; null where there are token ids.</param>
    /// <param name="tokenIds">Token ids of each text; null where there are texts.</param>
    /// <param name="isList">Whether it was given as a list of texts.</param>
    public EmbeddingInput(string field, string[]? texts, int[][]? tokenIds, bool isList)
    {
        Field = field;
        Texts = texts;
        TokenIds = tokenIds;
        IsList = isList;
    }

    public string Field { get; }

    public string[]? Texts { get; }

    public int[][]? TokenIds { get; }

    public bool IsList { get; }

    public int Count => Texts?.Length ?? TokenIds!.Length;

    /// <summary>The name of one item, for messages.</summary>
    public string NameOf(int index) => IsList ? $"{Field}[{index}]" : Field;
}
