using Microsoft.Extensions.Logging;

namespace MetaEol.Llama.Planning;

/// <summary>What the planner logs.</summary>
internal static partial class PlannerLog
{
    public static void Planned(ILogger logger, EncodePlan plan)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Planned(logger, plan.PromptRows.Length, plan.TokensGiven, plan.TokensComputed, plan.TokensCached, plan.SharingRatio);
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "Memory ran out; going on with at most {PassRows} rows per pass and an empty prefix cache: {Reason}")]
    public static partial void MemoryExhausted(ILogger logger, int passRows, string reason);

    [LoggerMessage(1, LogLevel.Debug, "Encode plan: {Prompts} distinct prompts, {TokensGiven} tokens given, {TokensComputed} computed, {TokensCached} cached, sharing ratio {SharingRatio:0.00}")]
    private static partial void Planned(ILogger logger, int prompts, long tokensGiven, int tokensComputed, long tokensCached, double sharingRatio);

    [LoggerMessage(3, LogLevel.Information, "Memory has sufficed for a while; passes may have {PassRows} rows again")]
    public static partial void Recovering(ILogger logger, int passRows);
}
