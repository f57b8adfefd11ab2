using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MetaEol.Cli.Embedding;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>The state of an interrupted <c>embed</c>: a run that goes on with it ends with the right output, or with a sentence.</summary>
/// <remarks>In an input, <c>@generator</c>, <c>@input</c> and <c>@check</c> stand for what belongs to the machine: the model's and the input's identity, and the seal over all.</remarks>
internal sealed class EmbedStateTarget : FuzzTarget
{
    private const int RowsDone = 2;
    private static readonly byte[] Seed = """{"model":"tiny","templates":"prompteol","dimensions":16,"rows":2,"texts":2,"passages":0,"skipped":0,"cut":0,"bytes":@bytes,"rowListBytes":null,"problemListBytes":0,"sample":null,"generator":"@generator","input":"@input","format":"jsonl","batchSize":2,"check":"@check"}"""u8.ToArray();

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly TemporaryFolder _folder = new();
    private byte[] _expected = [];
    private JsonNode? _state;

    public override string Name => "embed-state";

    protected override IReadOnlyList<IMutator> Mutators { get; } = [new JsonMutator([Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Seed).Replace("@bytes", "999", StringComparison.Ordinal))], ["@generator", "@input", "@check", "jsonl", "npy"]), new ByteMutator([Seed])];

    private string Output => _folder.File("out.jsonl");

    public override void Run(byte[] input)
    {
        _state ??= Prepare();
        foreach (string path in Directory.GetFiles(_folder.Path, "out.*"))
        {
            File.Delete(path);
        }

        int bytes = LengthOfLines(_expected, RowsDone);
        File.WriteAllBytes($"{Output}.partial", _expected[..bytes]);
        string state = Encoding.Latin1.GetString(input)
            .Replace("@generator", (string)_state["generator"]!, StringComparison.Ordinal).Replace("@input", (string)_state["input"]!, StringComparison.Ordinal).Replace("999", $"{bytes}", StringComparison.Ordinal).Replace("@bytes", $"{bytes}", StringComparison.Ordinal);
        File.WriteAllBytes($"{Output}.partial.json", Encoding.Latin1.GetBytes(state));
        if (Embed("--resume") == 0)
        {
            DifferenceException.Unless(File.ReadAllBytes(Output).AsSpan().SequenceEqual(_expected), "A run that goes on with a damaged state ends well, with another output than a whole run.");
        }

        // A state that lies and is whole can have what output it likes, but no crash.
        if (Forge(state) is { } forged)
        {
            File.WriteAllBytes($"{Output}.partial", _expected[..bytes]);
            forged.Write($"{Output}.partial.json");
            Embed("--resume");
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static int LengthOfLines(byte[] text, int count)
    {
        int at = 0;
        for (int line = 0; line < count; line++)
        {
            at += text.AsSpan(at).IndexOf((byte)'\n') + 1;
        }

        return at;
    }

    private static EmbedState? Forge(string state)
    {
        try
        {
            return JsonSerializer.Deserialize<EmbedState>(state, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private int Embed(params string[] more) => InProcessTool.Run(["embed", _folder.File("in.txt"), "--out", Output, "--model", _folder["tiny"], "--templates", "prompteol", "--batch", $"{RowsDone}", .. more]);

    private JsonNode Prepare()
    {
        SmallModel.Llama.Write(_folder["tiny"]);
        File.WriteAllBytes(_folder["tiny", "tokenizer.json"], TokenizerSeeds.Json[1]);
        File.WriteAllLines(_folder.File("in.txt"), ["Two dogs run.", "A man sings.", "third", "fourth", "fifth"]);
        DifferenceException.Unless(Embed() == 0, "A valid run fails.");
        _expected = File.ReadAllBytes(Output);
        return JsonNode.Parse(File.ReadAllText($"{Output}.meta.json"))!;
    }
}
