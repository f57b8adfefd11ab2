namespace MetaEol.Llama.Configuration;

/// <summary>Which layers of a family have a sliding window of <c>sliding_window</c> tokens.</summary>
internal enum WindowRule
{
    /// <summary>None; the keys are not read.</summary>
    None,

    /// <summary>All.</summary>
    EveryLayer,

    /// <summary>With <c>use_sliding_window</c>, those of <c>layer_types</c>, or else from <c>max_window_layers</c> on (Qwen).</summary>
    UpperLayers,

    /// <summary>Those of <c>layer_types</c>, or else every second, from the first on (Gemma 2).</summary>
    EverySecondLayer,

    /// <summary>Those of <c>layer_types</c>, or else all but every <c>sliding_window_pattern</c>-th (Gemma 3).</summary>
    AllButEveryNthLayer,

    /// <summary>Those of <c>layer_types</c>, or else with <c>use_sliding_window</c> those without rotary embedding (SmolLM3).</summary>
    LayersWithoutRotary,
}
