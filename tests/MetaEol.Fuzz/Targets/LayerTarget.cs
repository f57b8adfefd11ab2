using System.Text;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Targets;

/// <summary>Layers, as text and as JSON.</summary>
internal sealed class LayerTarget : FuzzTarget
{
    private static readonly string[] Layers = ["-1", "24", "75%", "0.75", "last", "\"50%\"", "1", "0.0", "100%"];

    public override string Name => "layer";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
        [new TextMutator(Layers, ["-", "%", ".", "e", "E5", "0", "9", "∞", "NaN", "Infinity", "last", "2147483647", "2147483646", "-2147483648", ",", "+", "0x1", "1e-9"], 400), new ByteMutator([.. Layers.Select(Encoding.UTF8.GetBytes)], 400)];

    public override void Run(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        bool isLayer = LayerSelector.TryParse(text, null, out LayerSelector layer);
        try
        {
            DifferenceException.Unless(LayerSelector.Parse(text) == layer, "Parse and TryParse read different layers.");
        }
        catch (FormatException)
        {
            DifferenceException.Unless(!isLayer, "Parse refuses what TryParse reads.");
        }

        if (isLayer)
        {
            Check(layer);
        }

        try
        {
            Check(JsonSerializer.Deserialize<LayerSelector>(input));
        }
        catch (JsonException)
        {
            // As documented.
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    private static void Check(LayerSelector layer)
    {
        DifferenceException.Unless(LayerSelector.Parse(layer.ToString()) == layer, "A layer that is written and read again is another.");
        DifferenceException.Unless(JsonSerializer.Deserialize<LayerSelector>(JsonSerializer.Serialize(layer)) == layer, "A layer that is serialised and read again is another.");
        try
        {
            DifferenceException.Unless(layer.Resolve(32) is >= 0 and <= 32, "A layer is outside the model.");
        }
        catch (ArgumentException)
        {
            DifferenceException.Unless(layer.Index is < -33 or > 32, "A layer of the model is refused.");
        }
    }
}
