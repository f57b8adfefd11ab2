using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.SwapProvider;

/// <summary>What a collection was embedded with; written when it is complete.</summary>
internal sealed class Manifest
{
    [VectorStoreKey]
    public string Collection { get; set; } = "";

    /// <summary>What embedded it.</summary>
    [VectorStoreData]
    public string Fingerprint { get; set; } = "";

    /// <summary>A hash of the documents' passages.</summary>
    [VectorStoreData]
    public string Documents { get; set; } = "";
}
