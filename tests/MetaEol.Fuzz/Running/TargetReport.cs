namespace MetaEol.Fuzz.Running;

/// <summary>What became of one target.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Inputs">Inputs that were run.</param>
/// <param name="Elapsed">How long that took.</param>
/// <param name="Found">What was found, each cause once, with its smallest input.</param>
internal sealed record TargetReport(string Target, long Inputs, TimeSpan Elapsed, IReadOnlyList<FoundInput> Found);
