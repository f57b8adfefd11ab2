namespace MetaEol.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Step">What is being done, for example <c>embedding</c> or the name of a task.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units of this step in all.</param>
public readonly record struct EvaluationProgress(string Step, double Done, double Total);
