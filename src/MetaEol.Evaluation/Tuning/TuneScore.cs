namespace MetaEol.Evaluation.Tuning;

/// <summary>What a candidate costs and how good it is.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Tokens">Tokens computed for a text, those of the templates' beginnings left out, which are computed once; a layer at half the model's depth counts half.</param>
/// <param name="Milliseconds">Time for a text, measured for the template set at the model's last layer in batches and scaled by the depth of the candidate's layer.</param>
/// <param name="Dev">The score on the development part, × 100: what is chosen by.</param>
/// <param name="Test">The score on the test part, × 100: what is reported.</param>
public sealed record TuneScore(TuneCandidate Candidate, double Tokens, double Milliseconds, double Dev, double Test)
{
    /// <summary>What the test score is made of: the similarity of each pair, or each question's reciprocal rank.</summary>
    internal double[] TestValues { get; init; } = [];
}
