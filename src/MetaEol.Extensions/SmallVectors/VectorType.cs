namespace MetaEol.Extensions.SmallVectors;

/// <summary>In which numbers a vector is kept.</summary>
public enum VectorType
{
    /// <summary>32 bits a number.</summary>
    Float32,

    /// <summary>16 bits a number (IEEE binary16).</summary>
    Float16,

    /// <summary>8 bits a number, with a scale for each vector.</summary>
    Int8,

    /// <summary>One bit a number: its sign.</summary>
    Binary,
}
