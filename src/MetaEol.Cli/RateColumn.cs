using System.Globalization;
using System.Runtime.CompilerServices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MetaEol.Cli;

/// <summary>Units per second since a bar began.</summary>
internal sealed class RateColumn(string unit) : ProgressColumn
{
    private static readonly ConditionalWeakTable<ProgressTask, StrongBox<(double First, double Last)>> Units = [];

    public static void Set(ProgressTask task, double units)
    {
        StrongBox<(double First, double Last)> box = Units.GetValue(task, _ => new StrongBox<(double, double)>((units, units)));
        box.Value = (box.Value.First, units);
    }

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        if (!Units.TryGetValue(task, out StrongBox<(double First, double Last)>? box) || task.ElapsedTime is not { TotalSeconds: > 0.5 } elapsed)
        {
            return new Text(string.Empty);
        }

        double rate = (box.Value.Last - box.Value.First) / elapsed.TotalSeconds;
        string text = unit == "B"
            ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e6:0.0} MB/s")
            : string.Create(CultureInfo.InvariantCulture, $"{(rate >= 10 ? rate.ToString("0", CultureInfo.InvariantCulture) : rate.ToString("0.0", CultureInfo.InvariantCulture))} {unit}/s");
        return new Text(unit.Length == 0 ? string.Empty : text);
    }
}
