namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>What the planner logs of a pass.</summary>
internal sealed record LoggedPass(int Prompts, int TokensComputed, long TokensCached);
