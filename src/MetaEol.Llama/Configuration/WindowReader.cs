using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Configuration;

/// <summary>Reads which layers have a sliding window, by the rule of the family.</summary>
internal static class WindowReader
{
    private const int DefaultMaxWindowLayers = 28;
    private const int DefaultWindowPattern = 6;

    /// <summary>For each layer its window in tokens, or null.</summary>
    /// <param name="root">The configuration.</param>
    /// <param name="family">The family.</param>
    /// <param name="hasRotary">For each layer, whether it has a rotary embedding.</param>
    public static int?[] Read(JsonSection root, ModelFamily family, bool[] hasRotary)
    {
        WindowRule rule = family.Windows;
        int?[] windows = new int?[hasRotary.Length];
        if (rule == WindowRule.None)
        {
            return windows;
        }

        bool enabled = rule is not (WindowRule.UpperLayers or WindowRule.LayersWithoutRotary) || (root.Flag("use_sliding_window") ?? false);
        string[]? types = rule == WindowRule.EveryLayer ? null : root.Texts("layer_types");
        bool[] slides = types is not null ? ByType(root, types, windows.Length) : enabled ? ByRule(root, rule, hasRotary) : new bool[windows.Length];

        // Qwen's classes forget the window unless it is switched on; SmolLM3's keeps it for layer_types.
        int? window = !enabled && (rule == WindowRule.UpperLayers || types is null) ? null
            : root.Has("sliding_window") ? root.Integer("sliding_window", 1) : family.SlidingWindow;
        int first = Array.IndexOf(slides, true);
        if (first >= 0 && window is null && (types is not null || rule is WindowRule.EverySecondLayer or WindowRule.AllButEveryNthLayer))
        {
            throw root.Inconsistent(
                $"{(types is null ? "The pattern of " + family.Architecture : "'layer_types'")} gives layer {first} a sliding window, but there is none; "
                + $"expected {(rule == WindowRule.UpperLayers ? "'use_sliding_window' true and " : "")}a number in 'sliding_window'.");
        }

        for (int layer = 0; layer < windows.Length; layer++)
        {
            windows[layer] = slides[layer] ? window : null;
        }

        return windows;
    }

    private static bool[] ByRule(JsonSection root, WindowRule rule, bool[] hasRotary)
    {
        int from = rule == WindowRule.UpperLayers ? root.Integer("max_window_layers", 0) ?? DefaultMaxWindowLayers : 0;
        int pattern = rule == WindowRule.AllButEveryNthLayer ? root.Integer("sliding_window_pattern", 1) ?? DefaultWindowPattern : 2;
        bool[] slides = new bool[hasRotary.Length];
        for (int layer = 0; layer < slides.Length; layer++)
        {
            slides[layer] = rule switch
            {
                WindowRule.UpperLayers => layer >= from,
                WindowRule.EverySecondLayer or WindowRule.AllButEveryNthLayer => (layer + 1) % pattern != 0,
                WindowRule.LayersWithoutRotary => !hasRotary[layer],
                _ => true,
            };
        }

        return slides;
    }

    private static bool[] ByType(JsonSection root, string[] types, int layers)
    {
        if (types.Length != layers)
        {
            throw root.Inconsistent($"'layer_types' has {types.Length} entries; expected one for each of the {layers} layers.");
        }

        bool[] slides = new bool[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            slides[layer] = types[layer] switch
            {
                "full_attention" => false,
                "sliding_attention" => true,
                string other => throw root.Inconsistent(
                    $"'layer_types' gives layer {layer} the type {ModelFile.Quote(other)}; expected 'full_attention' or 'sliding_attention'."),
            };
        }

        return slides;
    }
}
