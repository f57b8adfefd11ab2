using MetaEol.Evaluation;
using Spectre.Console;

namespace MetaEol.Cli;

/// <summary>One bar per step of a command; does nothing where there is no terminal.</summary>
internal sealed class ProgressReport(ProgressContext? context) : IProgress<EvaluationProgress>
{
    private readonly Dictionary<string, ProgressTask> _tasks = [];

    public void Report(EvaluationProgress value) => Report(value.Step, value.Done, value.Total, value.Done);

    /// <param name="step">Which bar.</param>
    /// <param name="done">How far it is.</param>
    /// <param name="total">Where it ends; 0 if that is not known.</param>
    /// <param name="units">How many units were done, for the rate, where the bar counts something else.</param>
    public void Report(string step, double done, double total, double units)
    {
        if (context is null)
        {
            return;
        }

        lock (_tasks)
        {
            if (!_tasks.TryGetValue(step, out ProgressTask? task))
            {
                _tasks.Add(step, task = context.AddTask(Markup.Escape(step)));
            }

            task.IsIndeterminate = total <= 0;
            task.MaxValue = total <= 0 ? 1 : total;
            task.Value = total <= 0 ? 0 : Math.Min(done, total);
            RateColumn.Set(task, units);
        }
    }
}
