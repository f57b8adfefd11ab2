namespace MetaEol.Llama.Planning;

/// <summary>Options of an <see cref="EncodePlanner{TEntry}"/>.</summary>
public sealed record EncodePlannerOptions
{
    /// <summary>Most rows of a pass, at least 1; a single prompt is never cut. Halved when the backend runs out of memory, and doubled again after a while. Default: no limit.</summary>
    public int PassRows { get; init; } = Array.MaxLength;

    /// <summary>Whether equal beginnings of prompts are computed once. Never changes a result; off only for comparison, and then nothing is cached either.</summary>
    public bool SharePrefixes { get; init; } = true;

    /// <summary>Most bytes of keys and values of shared prefixes kept between calls; 0 keeps none. Default: 512 MB.</summary>
    public long PrefixCacheBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Whether prompts leave a pass at the deepest layer that they themselves want (<see cref="PlannedPass{TEntry}.Stages"/>). If not, which is the default, all run to the deepest layer of the call, and a pass has one stage.
    /// </summary>
    public bool StopsEarly { get; init; }

    /// <summary>
    /// From a prompt's length to the key of its rotary frequencies; prompts of different keys share nothing, within a call or through the cache. Null: all have the
    /// same frequencies.
    /// </summary>
    public Func<int, int>? RotaryKey { get; init; }
}
