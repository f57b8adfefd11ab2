using System.Runtime.InteropServices;
using System.Text.Json;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>Reads what <c>embed</c> wrote.</summary>
internal static class Vectors
{
    public const int Dimensions = 256;
    private const int NpyHeader = 128;

    public static float[][] Npy(string path) => [.. File.ReadAllBytes(path)[NpyHeader..].Chunk(Dimensions * sizeof(float)).Select(row => MemoryMarshal.Cast<byte, float>(row).ToArray())];

    public static JsonElement[] Lines(string path) => Parse(File.ReadAllText(path));

    public static JsonElement[] Parse(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    public static double Cosine(float[] first, float[] second) => MetaEol.Evaluation.Sts.StsScorer.Cosine(first, second);
}
