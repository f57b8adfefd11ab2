namespace MetaEol.Llama;

/// <summary>How an encoder is, for health checks.</summary>
/// <param name="CanEncode">Whether calls can succeed.</param>
/// <param name="Problem">What is out of order, though calls may still succeed; null if nothing is.</param>
public sealed record EncoderHealth(bool CanEncode, string? Problem)
{
    /// <summary>Nothing is out of order.</summary>
    public static EncoderHealth Good { get; } = new(CanEncode: true, Problem: null);
}
