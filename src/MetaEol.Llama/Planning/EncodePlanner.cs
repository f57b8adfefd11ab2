using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Llama.Planning;

/// <summary>
/// Stage 3 for every encoder: sorts and merges a call's prompts, finds and admits cached prefixes, cuts the call into passes, plans each as a prefix tree, has the
/// backend compute them, and puts the results back in the order of the call.
/// </summary>
/// <remarks>
/// An encoder makes a call of the arguments (<see cref="CreateCall(PromptBatch, int)"/>, from any thread), waits for its turn, has it run (<see cref="Run"/>, one call at a time), and
/// copies the states (<see cref="EncodeCall.CopyTo"/>). Prefix entries belong to the planner, whether a call ends well or not.
/// </remarks>
/// <typeparam name="TEntry">Keys and values of one cached prefix.</typeparam>
public sealed class EncodePlanner<TEntry> : IDisposable
    where TEntry : class, IDisposable
{
    /// <summary>Passes that must go well before a larger one is tried.</summary>
    private const int FirstPatience = 16;

    /// <summary>Most passes between two tries.</summary>
    private const int LastPatience = 1024;

    private readonly IEncodeBackend<TEntry> _backend;
    private readonly PromptEncoderMetadata _encoder;
    private readonly EncodePlannerOptions _options;
    private readonly ILogger _logger;
    private readonly PrefixCache<TEntry> _cache;
    private int _patience = FirstPatience / 2;
    private int _passesSinceChange;

    /// <summary>Creates a planner with an empty prefix cache.</summary>
    /// <param name="backend">Computes the passes; not disposed.</param>
    /// <param name="encoder">What the encoder says about itself.</param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="logger">Receives the plan of each pass at Debug, and a warning where memory runs out.</param>
    /// <exception cref="ArgumentNullException"><paramref name="backend"/> or <paramref name="encoder"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public EncodePlanner(IEncodeBackend<TEntry> backend, PromptEncoderMetadata encoder, EncodePlannerOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(encoder);
        options ??= new EncodePlannerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PassRows, 1, "options.PassRows");
        ArgumentOutOfRangeException.ThrowIfNegative(options.PrefixCacheBytes, "options.PrefixCacheBytes");
        _backend = backend;
        _encoder = encoder;
        _options = options;
        _logger = logger ?? NullLogger.Instance;
        _cache = new PrefixCache<TEntry>(backend, options.SharePrefixes ? options.PrefixCacheBytes : 0);
        PassRows = options.PassRows;
    }

    /// <summary>
    /// Most rows of a pass: the option, halved as often as memory ran out. Doubled again after <see cref="FirstPatience"/> passes without that, and after twice as many each time that it was in vain, since others may
    /// have taken the memory for a while only.
    /// </summary>
    public int PassRows { get; private set; }

    /// <summary>Number of prefixes in the cache.</summary>
    public int CachedPrefixes => _cache.Count;

    /// <summary>Bytes of the prefixes in the cache.</summary>
    public long CachedBytes => _cache.Bytes;

    /// <summary>The plan of a call with these prompts in one pass, on an empty prefix cache, without running it.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <exception cref="ArgumentException">A prompt is empty.</exception>
    public EncodePlan CreatePlan(IReadOnlyList<ReadOnlyMemory<int>> prompts) => EncodePlan.Create(prompts, _options.SharePrefixes, _options.RotaryKey);

    /// <summary>Checks the arguments of <see cref="IPromptEncoder"/> and takes a copy of them. Safe to call from many threads at once.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="layers">Indices into <c>hidden_states</c>.</param>
    /// <param name="stateCount">Number of floats that the caller has room for.</param>
    /// <exception cref="ArgumentException">A prompt is empty, an id or layer is out of range, or <paramref name="stateCount"/> is not prompts × layers × hidden.</exception>
    public EncodeCall CreateCall(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, int stateCount) =>
        CreateCall(new PromptBatch(prompts, layers), stateCount);

    /// <summary>As <see cref="CreateCall(IReadOnlyList{ReadOnlyMemory{int}}, ReadOnlySpan{int}, int)"/>, of prompts that may want layers of their own, or token prepending.</summary>
    /// <param name="batch">The prompts and what is wanted of each.</param>
    /// <param name="stateCount">Number of floats that the caller has room for.</param>
    /// <exception cref="ArgumentException">A prompt is empty, an id, layer or placeholder is out of range, or <paramref name="stateCount"/> is not prompts × layers × hidden.</exception>
    public EncodeCall CreateCall(PromptBatch batch, int stateCount) => EncodeCall.Create(_encoder, _options, batch, stateCount);

    /// <summary>Has the backend compute a call. One call runs at a time.</summary>
    /// <param name="call">The call.</param>
    /// <param name="checkpoint">Called before each unit of work; throws to end the call.</param>
    /// <exception cref="OutOfMemoryException">The backend ran out of memory with a single prompt and an empty cache; the inner exception is the backend's.</exception>
    public void Run(EncodeCall call, Action checkpoint)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (call.IsEmpty)
        {
            return;
        }

        SortedPrompts prompts = call.Prompts;
        PrefixHit[] hits = _cache.Find(prompts, call.Stops);
        var pending = new List<(int Prompt, StoredPrefix<TEntry> Prefix)>();
        try
        {
            foreach (AdmittedPrefix admitted in _cache.Admit(prompts, hits, call.Stops))
            {
                pending.Add((admitted.Prompt, _cache.Create(prompts, admitted, call.Stops[admitted.Prompt])));
            }

            for (int first = 0; first < prompts.Count;)
            {
                PlannedPass<TEntry> pass = Plan(call, first, hits, pending, checkpoint);
                try
                {
                    _backend.Run(pass);
                    first += pass.Plan.PromptRows.Length;
                    GrowAgain();
                }
                catch (Exception exception) when (_backend.IsOutOfMemory(exception))
                {
                    ShrinkAfter(pass.Plan, prompts[first].Length, exception);
                    Abandon(pending);
                    _cache.Clear();
                    hits = [];
                }
            }

            pending.ForEach(item => _cache.AddFilled(item.Prefix));
            pending.Clear();
        }
        finally
        {
            Abandon(pending);
        }
    }

    /// <summary>Gives the prefix cache back.</summary>
    public void Dispose() => _cache.Dispose();

    /// <summary>The next pass: as many prompts from <paramref name="first"/> on as its rows allow.</summary>
    private PlannedPass<TEntry> Plan(EncodeCall call, int first, PrefixHit[] hits, List<(int Prompt, StoredPrefix<TEntry> Prefix)> pending, Action checkpoint)
    {
        var tree = new PrefixTreeBuilder(call.Prompts, hits);
        EncodePlan plan = tree.Build(first, tree.CountWithin(first, PassRows));
        PlannerLog.Planned(_logger, plan);
        (int, StoredPrefix<TEntry>)[] newPrefixes =
            [.. pending.Where(item => item.Prompt >= first && item.Prompt - first < plan.PromptRows.Length).Select(item => (item.Prompt - first, item.Prefix))];
        return new PlannedPass<TEntry>(call, first, plan, [.. tree.CacheEntries.Select(id => _cache[id])], newPrefixes, checkpoint);
    }

    /// <summary>Halves the pass; with one prompt, there is only the cache left to give back.</summary>
    private void ShrinkAfter(EncodePlan failed, int firstLength, Exception exception)
    {
        if (failed.PromptRows.Length > 1)
        {
            PassRows = Math.Max(1, Math.Min(PassRows, failed.TokensComputed) / 2);
            _patience = Math.Min(2 * _patience, LastPatience);
            _passesSinceChange = 0;
        }
        else if (_cache.Bytes == 0)
        {
            throw new OutOfMemoryException($"Memory ran out with a single prompt of {firstLength} tokens and an empty prefix cache: {exception.Message}", exception);
        }

        PlannerLog.MemoryExhausted(_logger, PassRows, exception.Message);
    }

    private void GrowAgain()
    {
        if (PassRows < _options.PassRows && ++_passesSinceChange >= _patience)
        {
            PassRows = (int)Math.Min(2L * PassRows, _options.PassRows);
            _passesSinceChange = 0;
            PlannerLog.Recovering(_logger, PassRows);
        }
    }

    private void Abandon(List<(int Prompt, StoredPrefix<TEntry> Prefix)> pending)
    {
        pending.ForEach(item => _cache.Abandon(item.Prefix));
        pending.Clear();
    }
}
