using MetaEol.Llama.Encoders;

namespace MetaEol.Cli.Models;

/// <summary>How the tool writes precisions.</summary>
internal static class PrecisionWords
{
    /// <summary>All of them, with their words.</summary>
    public static IReadOnlyList<(string Word, Precision Value)> All { get; } =
        [("float32", Precision.Float32), ("bfloat16", Precision.BFloat16), ("int8", Precision.Int8), ("fastest", Precision.Fastest)];

    /// <summary>The word of one.</summary>
    public static string Of(Precision precision) => All.First(entry => entry.Value == precision).Word;

    /// <summary>The one of a word; null if there is none, or the word is null.</summary>
    public static Precision? Parse(string? word) => All.Where(entry => entry.Word == word).Select(entry => (Precision?)entry.Value).FirstOrDefault();
}
