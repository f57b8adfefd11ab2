using System.Text;
using System.Text.Json;
using MetaEol.Cli;
using MetaEol.Cli.Models;
using MetaEol.Extensions.Generation;
using MetaEol.Extensions.Prompting;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Targets;

/// <summary>The answers of a chat endpoint that is asked for templates.</summary>
internal sealed class ChatTarget : FuzzTarget
{
    private const string Set = """{"name": "own", "templates": [{"task": "t", "name": "a", "text": "This text : \"{text}\" is, in one word:\""}]}""";
    private static readonly byte[][] Answers = [Answer(Set), Answer($"Here it is:\n```json\n{Set}\n```\nAnything else?")];

    public override string Name => "chat";

    // Where a connection breaks, the client of OpenAI's package tries again after seconds.
    protected override IReadOnlyList<IMutator> Mutators { get; } = [new HttpMutator(Answers, ["assistant", "stop", "content", "tool_calls", "{text}", "```json"], [])];

    public override void Run(byte[] input)
    {
        using RawServer server = new([input]);
        using OpenAIChatClient client = new(server.Address, "model", "key", TimeSpan.FromSeconds(2));
        TemplateSetGenerator generator = new(client) { MaxAttempts = 2 };
        TemplateSet set = generator.GenerateAsync(new TemplateSetRequest("mails")).GetAwaiter().GetResult();
        DifferenceException.Unless(set.Templates.Count > 0, "A set has no templates.");
    }

    public override bool IsDocumented(Exception exception) => exception is ToolException or FormatException;

    private static byte[] Answer(string content) => Encoding.UTF8.GetBytes($$$"""
        {"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":{{{JsonSerializer.Serialize(content)}}},"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
        """);
}
