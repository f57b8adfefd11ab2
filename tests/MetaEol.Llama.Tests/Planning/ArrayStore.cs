using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

/// <summary>A prefix store of arrays that counts its entries.</summary>
internal class ArrayStore : IPrefixStore<ArrayEntry>
{
    public int Live { get; set; }

    public long BytesOf(int tokens, int layers) => (long)tokens * layers * sizeof(double);

    public ArrayEntry Create(int tokens, int layers)
    {
        Live++;
        return new ArrayEntry(this, tokens, layers);
    }
}
