namespace MetaEol.Benchmarks;

/// <summary>A matrix product x[rows × Inputs] · Wᵀ of one layer.</summary>
public sealed record ProductShape(string Name, int Outputs, int Inputs)
{
    /// <summary>Operations for one row: a multiply-add is two.</summary>
    public double OperationsPerRow => 2.0 * Outputs * Inputs;
}
