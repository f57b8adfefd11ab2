using System.Runtime.CompilerServices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MetaEol.Cli.Display;

/// <summary>Rate and time left of a bar.</summary>
internal sealed class SpeedColumn(string unit) : ProgressColumn
{
    private static readonly ConditionalWeakTable<ProgressTask, StepProgress> Steps = [];

    public static void Set(ProgressTask task, StepProgress progress) => Steps.AddOrUpdate(task, progress);

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(Steps.TryGetValue(task, out StepProgress? progress) ? progress.Speed(unit) : string.Empty);

    public override int? GetColumnWidth(RenderOptions options) => unit.Length == 0 ? 14 : 18 + (2 * unit.Length);
}
