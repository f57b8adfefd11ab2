using MetaEol.Extensions.TorchSharp.Planning;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>An <see cref="AttentionGroup"/> on a device.</summary>
internal sealed class GroupTensors
{
    /// <summary>The mask of each sliding window; that of none under 0.</summary>
    private readonly Dictionary<int, torch.Tensor> _masks = [];

    /// <summary>Copies a group to a device, into the current dispose scope.</summary>
    /// <param name="group">The group.</param>
    /// <param name="headsPerGroup">Query heads of one key/value head.</param>
    /// <param name="windows">The sliding windows of the model's layers.</param>
    /// <param name="device">The device.</param>
    public GroupTensors(AttentionGroup group, int headsPerGroup, IEnumerable<int?> windows, torch.Device device)
    {
        Blocks = group.Blocks;
        Rows = group.Rows;
        Keys = group.Keys;
        Queries = torch.tensor(group.Queries, device: device);
        KeySlots = torch.tensor(group.KeySlots, device: device);

        using DisposeScope scope = torch.NewDisposeScope();
        long[] byQuery = [Blocks, Rows, 1];
        long[] byKey = [Blocks, 1, Keys];
        torch.Tensor queryTokens = torch.tensor(group.QueryTokens, byQuery, device: device);
        torch.Tensor keyTokens = torch.tensor(group.KeyTokens, byKey, device: device);
        torch.Tensor keyEnds = torch.tensor(group.KeyEnds, byKey, device: device);
        torch.Tensor follows = keyTokens.le(queryTokens).logical_and_(queryTokens.lt(keyEnds));
        torch.Tensor distances = torch.tensor(group.QueryPositions, byQuery, device: device).sub(torch.tensor(group.KeyPositions, byKey, device: device));
        foreach (int? window in windows.Distinct())
        {
            // Held until native code has read it.
            using Scalar tokens = (window ?? 0).ToScalar();
            torch.Tensor visible = window is null ? follows : follows.logical_and(distances.lt(tokens));

            // The heads that share keys are rows of one product: the mask repeats for each of them, the keys are neither copied nor expanded.
            torch.Tensor mask = visible.unsqueeze(1).expand(Blocks, headsPerGroup, Rows, Keys).reshape(Blocks, 1, (long)headsPerGroup * Rows, Keys);
            _masks.Add(window ?? 0, mask.MoveToOuterDisposeScope());
        }
    }

    public int Blocks { get; }

    public int Rows { get; }

    public int Keys { get; }

    /// <summary><c>[blocks · rows]</c>: index of each query.</summary>
    public torch.Tensor Queries { get; }

    /// <summary><c>[blocks · keys]</c>: slot of each key.</summary>
    public torch.Tensor KeySlots { get; }

    /// <summary><c>[blocks × 1 × heads per group · rows × keys]</c>: true where a query sees a key.</summary>
    /// <param name="window">Sliding window in tokens, or null.</param>
    public torch.Tensor Mask(int? window) => _masks[window ?? 0];
}
