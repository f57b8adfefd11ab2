using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Configuration;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>A <see cref="BatchLayout"/> on a device; everything in the dispose scope it was made in.</summary>
internal sealed class BatchTensors
{
    /// <summary>Copies a layout to a device.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="device">The device.</param>
    /// <param name="type">Number type of the attention scores that masks are added to.</param>
    public BatchTensors(LlamaConfig config, BatchLayout layout, torch.Device device, torch.ScalarType type)
    {
        Rotary = config.Rotary.OfType<RotaryParameters>().Distinct().ToDictionary(rotary => rotary, rotary => RotaryAngles.Create(rotary, layout, device));
        LastRows = HostTransfer.ToDevice(layout.LastRows, device);
        AllGroups = Upload(layout.AllGroups);
        LastGroups = Upload(layout.LastGroups);
        AllPlaces = HostTransfer.ToDevice(layout.AllGroups[0].Places, device);
        LastPlaces = HostTransfer.ToDevice(layout.LastGroups[0].Places, device);

        GroupTensors[] Upload(IReadOnlyList<AttentionGroup> groups) =>
            [.. groups.Select(group => new GroupTensors(group, config.AttentionHeads / config.KeyValueHeads, config.SlidingWindows, device, type))];
    }

    /// <summary>The angles of all rows for each rotary embedding that layers of the model have.</summary>
    public IReadOnlyDictionary<RotaryParameters, RotaryAngles> Rotary { get; }

    /// <summary>The rows that end a prompt.</summary>
    public torch.Tensor LastRows { get; }

    /// <summary>The attention of all rows.</summary>
    public IReadOnlyList<GroupTensors> AllGroups { get; }

    /// <summary>The attention of the last rows alone.</summary>
    public IReadOnlyList<GroupTensors> LastGroups { get; }

    /// <summary>For each row, its place in the groups' outputs.</summary>
    public torch.Tensor AllPlaces { get; }

    /// <summary>For each last row, its place in the groups' outputs.</summary>
    public torch.Tensor LastPlaces { get; }
}
