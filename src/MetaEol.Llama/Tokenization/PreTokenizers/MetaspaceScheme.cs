namespace MetaEol.Llama.Tokenization;

/// <summary>Before which pieces <c>Metaspace</c> sets its character.</summary>
internal enum MetaspaceScheme
{
    /// <summary>Before every piece.</summary>
    Always,

    /// <summary>Before the piece at the start of the text only.</summary>
    First,

    /// <summary>Before none.</summary>
    Never,
}
