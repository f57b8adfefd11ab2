using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Encoders;

/// <summary>The matrix products of one decoder layer.</summary>
/// <remarks>
/// Queries, keys and values are one product where every row needs all three. In the last layer that runs, keys and values are needed of every row and
/// queries of the prompts' last tokens only: two products, made when first asked for.
/// </remarks>
internal sealed class LayerProjections(LayerWeights weights, LinearFactory products) : IDisposable
{
    private readonly Lazy<Linear> _queryKeyValue = new(() =>
        products.Create([weights.Query, weights.Key, weights.Value], [weights.QueryBias, weights.KeyBias, weights.ValueBias]));

    private readonly Lazy<Linear> _query = new(() => products.Create([weights.Query], [weights.QueryBias]));

    private readonly Lazy<Linear> _keyValue = new(() => products.Create([weights.Key, weights.Value], [weights.KeyBias, weights.ValueBias]));

    /// <summary>hidden → queries, keys and values, behind one another.</summary>
    public Linear QueryKeyValue => _queryKeyValue.Value;

    /// <summary>hidden → queries.</summary>
    public Linear Query => _query.Value;

    /// <summary>hidden → keys and values, behind one another.</summary>
    public Linear KeyValue => _keyValue.Value;

    /// <summary>heads → hidden.</summary>
    public Linear AttentionOutput { get; } = products.Create([weights.AttentionOutput], [weights.AttentionOutputBias]);

    /// <summary>hidden → gate and up, behind one another.</summary>
    public Linear GateUp { get; } = products.Create([weights.Gate, weights.Up], [weights.GateBias, weights.UpBias]);

    /// <summary>intermediate → hidden.</summary>
    public Linear Down { get; } = products.Create([weights.Down], [weights.DownBias]);

    public void Dispose()
    {
        AttentionOutput.Dispose();
        GateUp.Dispose();
        Down.Dispose();
        foreach (Lazy<Linear> lazy in new[] { _queryKeyValue, _query, _keyValue })
        {
            if (lazy.IsValueCreated)
            {
                lazy.Value.Dispose();
            }
        }
    }
}
