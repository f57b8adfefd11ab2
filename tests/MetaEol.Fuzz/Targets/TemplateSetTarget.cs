using System.Text;
using System.Text.Json;
using MetaEol.Extensions.Generation;
using MetaEol.Extensions.Pooling;
using MetaEol.Extensions.Prompting;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Targets;

/// <summary>Template sets: a file, a JSON value, a chat model's answer; writing and reading them again; and what their weights do to views.</summary>
internal sealed class TemplateSetTarget : FuzzTarget
{
    private static readonly byte[][] Sets =
    [
        Encoding.UTF8.GetBytes(TemplateSet.MetaEol.ToJson()), Encoding.UTF8.GetBytes(TemplateSet.PromptEol.ToJson()),
        """{"name":"own","description":"d","templates":["A {text}",{"name":"b","task":"t","text":"{text} in one word:\"","weight":2.5},{"name":"c","text":"C \"{text}\"","weight":1e-3}]}"""u8.ToArray(),
    ];

    public override string Name => "templates";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator(Sets, ["{text}", " in one word:\"", "\"{text}\"", "name/x", "#"], ["""{"name":"x","text":"{text}","weight":1e308}""", "\"{text}\""]),
        new ByteMutator(Sets),
    ];

    public override void Run(byte[] input)
    {
        TemplateSet? set = Refusal.Expect<FormatException, TemplateSet>(() => TemplateSet.FromStream(new MemoryStream(input)));
        TemplateSet? value = Deserialize(input);
        Refusal.Expect<FormatException, TemplateSet>(() => TemplateSetGenerator.Parse($"Here it is:\n```json\n{Encoding.UTF8.GetString(input)}\n```"));
        foreach (TemplateSet? each in (TemplateSet?[])[set, value])
        {
            if (each is not null)
            {
                Check(each);
            }
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    private static TemplateSet? Deserialize(byte[] input)
    {
        try
        {
            return JsonSerializer.Deserialize<TemplateSet>(input);
        }
        catch (JsonException exception) when (exception.InnerException is JsonException)
        {
            // No JSON, which the serialiser says in its own words, and as long as it likes.
            return null;
        }
        catch (JsonException exception)
        {
            DifferenceException.Unless(Refusal.IsReadable(exception), "A message has thousands of characters.");
            return null;
        }
    }

    private static void Check(TemplateSet set)
    {
        var copy = TemplateSet.FromJson(set.ToJson());
        DifferenceException.Unless(copy.ToJson() == set.ToJson() && copy.Fingerprint == set.Fingerprint, "A set that is written and read again is another.");
        DifferenceException.Unless(JsonSerializer.Deserialize<TemplateSet>(JsonSerializer.Serialize(set))!.Fingerprint == set.Fingerprint, "A set that is serialised and read again is another.");
        foreach (Template template in set.Templates)
        {
            TemplateCheck.FindWarnings(template);
            string prompt = template.Format("the text");
            DifferenceException.Unless(prompt.Contains("the text", StringComparison.Ordinal), "A prompt lacks its text.");
        }

        foreach (bool normalize in (bool[])[true, false])
        {
            float[] views = [.. Enumerable.Range(1, 2 * set.Templates.Count).Select(i => (float)i)];
            float[] mean = MeanPooling.Pool(views, set.Templates, normalize, 0);
            DifferenceException.Unless(mean.All(x => float.IsFinite(x) && x > 0 && (!normalize || x < 1)), "The mean of views is not between them.");
        }
    }
}
