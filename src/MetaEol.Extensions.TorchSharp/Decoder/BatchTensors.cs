using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Configuration;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>A <see cref="BatchLayout"/> on a device; everything in the dispose scope it was made in.</summary>
internal sealed class BatchTensors
{
    /// <summary>Copies a layout to a device.</summary>
    public BatchTensors(LlamaConfig config, BatchLayout layout, torch.Device device)
    {
        Rotary = config.Rotary.OfType<RotaryParameters>().Distinct().ToDictionary(rotary => rotary, rotary => RotaryAngles.Create(rotary, layout, device));
        LastRows = torch.tensor(layout.LastRows, device: device);
        AllGroups = Upload(layout.AllGroups);
        LastGroups = Upload(layout.LastGroups);
        AllPlaces = torch.tensor(layout.AllGroups[0].Places, device: device);
        LastPlaces = torch.tensor(layout.LastGroups[0].Places, device: device);

        GroupTensors[] Upload(IReadOnlyList<AttentionGroup> groups) =>
            [.. groups.Select(group => new GroupTensors(group, config.AttentionHeads / config.KeyValueHeads, config.SlidingWindows, device))];
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
