namespace MetaEol.Evaluation.Sweeps;

/// <summary>What a <see cref="TemplateSweep"/> found.</summary>
/// <param name="InOrder">The first 1, 2, ... n templates of the set, in the set's order.</param>
/// <param name="Best">The best selection of 1, 2, ... n templates.</param>
/// <param name="Exhaustive">Whether every selection was scored for <paramref name="Best"/>; else each adds the template that helps most to the one before.</param>
/// <param name="Repeated">Each template alone, n times: the mean of equal views is the view, so this is what a template reaches without the others.</param>
/// <param name="MetaTasks">Each meta-task alone, with all its templates; empty if the templates name none.</param>
public sealed record TemplateSweepResult(
    IReadOnlyList<TemplateScore> InOrder, IReadOnlyList<TemplateScore> Best, bool Exhaustive, IReadOnlyList<TemplateScore> Repeated, IReadOnlyList<TemplateScore> MetaTasks);
