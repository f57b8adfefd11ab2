using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Makes inputs from valid ones.</summary>
internal interface IMutator
{
    /// <summary>The valid ones.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Makes an input.</summary>
    byte[] Create(FuzzRandom random);
}
