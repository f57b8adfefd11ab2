namespace MetaEol.Llama.Configuration;

/// <summary>Which layers of an architecture have a sliding window.</summary>
internal enum WindowRule
{
    /// <summary>None; the keys are not read.</summary>
    None,

    /// <summary>All (<c>sliding_window</c>; missing means 4096, null none).</summary>
    EveryLayer,

    /// <summary>With <c>use_sliding_window</c>, those of <c>layer_types</c>, or else from <c>max_window_layers</c> on.</summary>
    ByLayer,
}
