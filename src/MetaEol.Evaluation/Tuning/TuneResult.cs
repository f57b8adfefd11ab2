using MetaEol.Evaluation.Statistics;

namespace MetaEol.Evaluation.Tuning;

/// <summary>All candidates with their scores.</summary>
/// <param name="Data">What they were tried on.</param>
/// <param name="Scores">The scores, in the order of the grid.</param>
/// <param name="Baseline">The generator's own template set and layer with all dimensions.</param>
public sealed record TuneResult(TuneData Data, IReadOnlyList<TuneScore> Scores, TuneScore Baseline)
{
    /// <summary>The candidates that no other one beats: none is as cheap and better on the development part, or as good and cheaper. By rising cost.</summary>
    public IReadOnlyList<TuneScore> Front
    {
        get
        {
            List<TuneScore> front = [];
            foreach (TuneScore score in Ordered(Scores))
            {
                if (front.Count == 0 || score.Dev > front[^1].Dev)
                {
                    front.Add(score);
                }
            }

            return front;
        }
    }

    /// <summary>The best candidate within a budget, by the development part; of equal ones the cheaper, then the smaller.</summary>
    /// <param name="mostTokens">Most tokens for a text; null for any.</param>
    /// <param name="mostMilliseconds">Most milliseconds for a text; null for any.</param>
    /// <returns>The candidate; null where none is within the budget.</returns>
    public TuneScore? Choose(double? mostTokens = null, double? mostMilliseconds = null) =>
        Ordered(Scores.Where(score => !(score.Tokens > mostTokens) && !(score.Milliseconds > mostMilliseconds))).MaxBy(score => score.Dev);

    /// <summary>How much better a candidate is than another on the test part, with the interval that holds the difference with 95 % confidence: where it holds 0, the gain is within the noise.</summary>
    /// <param name="choice">The candidate.</param>
    /// <param name="other">The other one; null takes <see cref="Baseline"/>.</param>
    public BootstrapInterval Gain(TuneScore choice, TuneScore? other = null)
    {
        ArgumentNullException.ThrowIfNull(choice);
        double[] mine = choice.TestValues, others = (other ?? Baseline).TestValues;
        double[] human = [.. Data.TestPairs.Select(pair => pair.Score)];
        return BootstrapInterval.Of(mine.Length, sample => Tuner.Score(Data.IsQuestions, mine, human, sample) - Tuner.Score(Data.IsQuestions, others, human, sample));
    }

    // Undefined scores (all similarities equal) come last and win nothing.
    private static IEnumerable<TuneScore> Ordered(IEnumerable<TuneScore> scores) => scores
        .Where(score => double.IsFinite(score.Dev))
        .OrderBy(score => score.Tokens).ThenByDescending(score => score.Dev).ThenBy(score => score.Candidate.Dimensions).ThenBy(score => score.Candidate.TokenPrepending);
}
