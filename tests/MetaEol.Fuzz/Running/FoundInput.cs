namespace MetaEol.Fuzz.Running;

/// <summary>An input that does something wrong.</summary>
/// <param name="Index">The number of the input that showed it first.</param>
/// <param name="Finding">What it does.</param>
/// <param name="Input">The smallest input that does it.</param>
/// <param name="Times">How many inputs did it.</param>
internal sealed record FoundInput(long Index, Finding Finding, byte[] Input, int Times);
