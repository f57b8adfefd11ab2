using MetaEol.Extensions.TorchSharp.Devices;
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
    /// <param name="type">Number type of the scores that the mask is added to.</param>
    public GroupTensors(AttentionGroup group, int headsPerGroup, IEnumerable<int?> windows, torch.Device device, torch.ScalarType type)
    {
        Blocks = group.Blocks;
        Rows = group.Rows;
        Keys = group.Keys;
        Queries = HostTransfer.ToDevice(group.Queries, device);
        KeySlots = HostTransfer.ToDevice(group.KeySlots, device);

        using DisposeScope scope = torch.NewDisposeScope();
        long[] byQuery = [Blocks, Rows, 1];
        long[] byKey = [Blocks, 1, Keys];
        torch.Tensor queryTokens = HostTransfer.ToDevice(group.QueryTokens, device, byQuery);
        torch.Tensor keyTokens = HostTransfer.ToDevice(group.KeyTokens, device, byKey);
        torch.Tensor keyEnds = HostTransfer.ToDevice(group.KeyEnds, device, byKey);
        torch.Tensor follows = keyTokens.le(queryTokens).logical_and_(queryTokens.lt(keyEnds));
        torch.Tensor distances = HostTransfer.ToDevice(group.QueryPositions, device, byQuery).sub(HostTransfer.ToDevice(group.KeyPositions, device, byKey));
        foreach (int? window in windows.Distinct())
        {
            // Held until native code has read it.
            using Scalar tokens = (window ?? 0).ToScalar();
            torch.Tensor visible = window is null ? follows : follows.logical_and(distances.lt(tokens));

            // The heads that share keys are rows of one product: the mask repeats for each of them, the keys are neither copied nor expanded.
            // It is added to the scores, and made once for all layers: libtorch would convert one of booleans in each.
            using Scalar minusInfinity = double.NegativeInfinity.ToScalar();
            torch.Tensor added = torch.zeros([Blocks, Rows, Keys], type, device).masked_fill_(visible.logical_not(), minusInfinity);
            torch.Tensor mask = added.unsqueeze(1).expand(Blocks, headsPerGroup, Rows, Keys).reshape(Blocks, 1, (long)headsPerGroup * Rows, Keys);
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

    /// <summary><c>[blocks × 1 × heads per group · rows × keys]</c>: 0 where a query sees a key, else minus infinity.</summary>
    /// <param name="window">Sliding window in tokens, or null.</param>
    public torch.Tensor Mask(int? window) => _masks[window ?? 0];
}
