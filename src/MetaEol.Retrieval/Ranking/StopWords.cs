using System.Collections.Frozen;

namespace MetaEol.Retrieval.Ranking;

/// <summary>English words that tell nothing of what a question is about.</summary>
internal static class StopWords
{
    public static FrozenSet<string> English { get; } = """
        a about above after again against all also am an and any are as at be because been before being below between both but by can cannot could did do does doing down
        during each either else ever every few for from further had has have having he her here hers herself him himself his how i if in into is it its itself let many
        may me might more most much must my myself neither no nor not of off often on once only or other ought our ours ourselves out over own please same shall she should
        so some such than that the their theirs them themselves then there these they this those through to too under until up upon us very was we were what whatever when
        where whether which while who whom whose why will with within without would yes you your yours yourself yourselves
        ain aren couldn d didn doesn don hadn hasn haven isn ll m mightn mustn needn re s shan shouldn t ve wasn weren won wouldn
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
