using MetaEol.Evaluation;
using Spectre.Console;

namespace MetaEol.Cli.Display;

/// <summary>How far the steps of a command are: a bar for each on a terminal, lines elsewhere.</summary>
internal sealed class ProgressReport : IProgress<EvaluationProgress>
{
    private readonly Dictionary<string, (StepProgress Progress, ProgressTask? Bar)> _steps = [];
    private readonly ProgressContext? _context;
    private readonly ProgressLines? _lines;
    private readonly TimeProvider _time;

    public ProgressReport(ProgressContext context, TimeProvider time)
    {
        _context = context;
        _time = time;
    }

    public ProgressReport(ProgressLines lines)
    {
        _lines = lines;
        _time = lines.Time;
    }

    public void Report(EvaluationProgress value) => Report(value.Step, value.Done, value.Total, value.Done);

    /// <param name="step">Which step.</param>
    /// <param name="done">How far it is.</param>
    /// <param name="total">Where it ends; 0 if that is not known.</param>
    /// <param name="units">How many units were done, for the rate, where the bar counts something else.</param>
    public void Report(string step, double done, double total, double units)
    {
        lock (_steps)
        {
            if (!_steps.TryGetValue(step, out (StepProgress Progress, ProgressTask? Bar) found))
            {
                found = (new StepProgress(_time, done, units), _context?.AddTask(Markup.Escape(Printable.Line(step, 60))));
                _steps.Add(step, found);
            }

            found.Progress.Set(done, total, units);
            _lines?.Report(step, found.Progress);
            if (found.Bar is { } bar)
            {
                bar.IsIndeterminate = total <= 0;
                bar.MaxValue = total <= 0 ? 1 : total;
                bar.Value = total <= 0 ? 0 : Math.Min(done, total);
                SpeedColumn.Set(bar, found.Progress);
            }
        }
    }
}
