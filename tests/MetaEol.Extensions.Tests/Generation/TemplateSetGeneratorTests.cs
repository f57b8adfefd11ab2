using MetaEol.Extensions.Generation;
using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests.Generation;

public class TemplateSetGeneratorTests
{
    private const string Good = """{"name": "bank", "templates": [{"task": "text classification", "name": "topic", "text": "Clerks sort. The topic of this ticket : \"{text}\" is, in one word:\""}]}""";
    private const string Bad = """{"name": "bank", "templates": [{"name": "topic", "text": "{text} is about what?"}]}""";

    [Fact]
    public async Task GenerateAsync_GoodAnswer_IsTheSet()
    {
        using Script client = new(Good);
        TemplateSet set = await new TemplateSetGenerator(client).GenerateAsync(new TemplateSetRequest("tickets of a bank"));
        Assert.Equal(("bank", "topic", "text classification"), (set.Name, set.Templates[0].Name, set.Templates[0].Task));
        Assert.Contains("The texts: tickets of a bank", client.Requests[0][0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_BadAnswer_AsksAgainWithTheReason()
    {
        using Script client = new("Sorry, no.", Bad, Good);
        await new TemplateSetGenerator(client).GenerateAsync(new TemplateSetRequest("tickets"));
        Assert.Equal([1, 3, 5], client.Requests.Select(messages => messages.Count));
        Assert.Contains("no JSON object", client.Requests[1][^1].Text, StringComparison.Ordinal);
        Assert.Contains("Template 'topic': It does not ask for one word", client.Requests[2][^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_BadAnswersOnly_EndsWithTheReason()
    {
        using Script client = new(Bad, Bad, Bad);
        FormatException exception = await Assert.ThrowsAsync<FormatException>(() => new TemplateSetGenerator(client) { MaxAttempts = 2 }.GenerateAsync(new TemplateSetRequest("tickets")));
        Assert.Contains("one word", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, client.Requests.Count);
    }

    [Theory]
    [InlineData("Here:\n```json\n{0}\n```\nGood luck!")]
    [InlineData("{0}")]
    public void Parse_WordsAroundTheJson_AreLeftOut(string frame) =>
        Assert.Equal("bank", TemplateSetGenerator.Parse(frame.Replace("{0}", Good, StringComparison.Ordinal)).Name);

    [Theory]
    [InlineData("")]
    [InlineData("} {")]
    [InlineData("{\"name\": \"x\"}")]
    [InlineData("{\"name\": \"x\", \"templates\": []}")]
    [InlineData("{\"name\": \"x\", \"templates\": [{\"text\": \"no place in one word:\\\"\"}]}")]
    public void Parse_NoUsableSet_Throws(string answer) => Assert.Throws<FormatException>(() => TemplateSetGenerator.Parse(answer));

    [Fact]
    public void CreatePrompt_NumbersOutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TemplateSetGenerator.CreatePrompt(new TemplateSetRequest("x") { TaskCount = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TemplateSetGenerator.CreatePrompt(new TemplateSetRequest("x") { TemplatesPerTask = 11 }));
        Assert.Throws<ArgumentException>(() => new TemplateSetRequest(" "));
        Assert.Contains("Choose 3 different kinds", TemplateSetGenerator.CreatePrompt(new TemplateSetRequest("x") { TaskCount = 3 }), StringComparison.Ordinal);
    }

    /// <summary>A chat model that gives answers from a list.</summary>
    private sealed class Script(params string[] answers) : IChatClient
    {
        public List<List<ChatMessage>> Requests { get; } = [];

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Requests.Add([.. messages]);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answers[Requests.Count - 1])));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
