using MetaEol.Cli.Display;
using MetaEol.Llama.Filtering;

namespace MetaEol.Cli.Models;

/// <summary>Shows how far the computation of a filter's basis is.</summary>
internal sealed class FilterProgressReport(ProgressReport progress) : IProgress<FilterProgress>
{
    public void Report(FilterProgress value) => progress.Report($"filter: {value.Step}", value.Done, value.Total, value.Done);
}
