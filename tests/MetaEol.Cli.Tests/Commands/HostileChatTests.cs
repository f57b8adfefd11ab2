using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MetaEol.Cli.Models;
using MetaEol.Cli.Tests.Hub;
using MetaEol.Extensions.Generation;
using MetaEol.Tests;
using static MetaEol.Cli.Tests.Hub.HttpServer;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>A chat endpoint that answers anything but what was asked: always one sentence, never a stack trace.</summary>
public sealed class HostileChatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "does not answer as OpenAI's chat protocol says")]
    [InlineData("null", "does not answer as OpenAI's chat protocol says")]
    [InlineData("[]", "does not answer as OpenAI's chat protocol says")]
    [InlineData("{}", "does not answer as OpenAI's chat protocol says")]
    [InlineData("{ \"choices\": [] }", "does not answer as OpenAI's chat protocol says")]
    [InlineData("{ \"choices\": null }", "does not answer as OpenAI's chat protocol says")]
    [InlineData("{ \"choices\": [ {} ] }", "does not answer as OpenAI's chat protocol says")]
    [InlineData("{ \"choices\": [ { \"message\": 5 } ] }", "does not answer as OpenAI's chat protocol says")]
    [InlineData("{ \"choices\": \"none\" }", "does not answer as OpenAI's chat protocol says")]
    [InlineData("\u0000\u0001\u0002\u0003", "does not answer as OpenAI's chat protocol says")]
    [InlineData("<!DOCTYPE html><html><body>Sign in</body></html>", "does not answer as OpenAI's chat protocol says")]
    public async Task Answer_NotOfTheProtocol_IsOneSentence(string body, string expected) => Assert.Contains(expected, await AskAsync(new Answer(200, body)), StringComparison.Ordinal);

    [Fact]
    public async Task Answer_DeepJson_IsOneSentence() =>
        Assert.Contains("does not answer as OpenAI's chat protocol says", await AskAsync(new Answer(200, "{\"choices\":" + new string('[', 1_000_000))), StringComparison.Ordinal);

    [Fact]
    public async Task Answer_Endless_IsCutOff() => Assert.Contains(
        "more than 16777216 bytes", await AskAsync(new Answer(200, new string(' ', 1 << 16)) { Raw = "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), RepeatEvery = TimeSpan.Zero }), StringComparison.Ordinal);

    [Fact]
    public async Task Answer_NeverComplete_IsGivenUp() => Assert.Contains(
        "gave no whole answer within", await AskAsync(new Answer(200, " ") { Raw = "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), RepeatEvery = TimeSpan.FromMilliseconds(20) }, patienceSeconds: 1), StringComparison.Ordinal);

    [Fact]
    public async Task Answer_BreaksOff_IsOneSentence() => Assert.Contains("breaks off", await AskAsync(new Answer(200, new string('x', 100)) { CutAfter = 10 }), StringComparison.Ordinal);

    [Theory]
    [InlineData(401, "refuses with 401", "Is OPENAI_API_KEY the endpoint's key?")]
    [InlineData(404, "refuses with 404", "a model that it has?")]
    [InlineData(400, "refuses with 400", "")]
    public async Task Refusal_WithALongMessage_IsShortAndSaysWhatHelps(int status, string expected, string hint)
    {
        string message = await AskAsync(new Answer(status, JsonSerializer.Serialize(new { error = new { message = "\u001b[31m" + new string('x', 2_000_000) } })) { Headers = { ["Content-Type"] = "application/json" } });
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(hint, message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 20, 1000);
        Assert.DoesNotContain('\u001b', message);
    }

    [Fact]
    public async Task Endpoint_WithoutServer_SaysThatItCannotBeReached()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        (await Tool.RunAsync("templates", "generate", "x", "--endpoint", $"http://127.0.0.1:{port}/v1", "--chat-model", "tiny")).FailedWith("cannot be reached");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Sorry, I cannot do that.")]
    [InlineData("} {")]
    [InlineData("{ \"name\": 5 }")]
    [InlineData("{ \"name\": \"\\u001b[31mx\", \"templates\": [ { \"name\": \"\\u001b]0;owned\\u0007\", \"text\": \"no place\" } ] }")]
    public async Task Content_NotATemplateSet_IsOneSentenceWithoutEscapes(string content)
    {
        await using HttpServer server = new(_ => Completion(content));
        Tool.Result result = await Tool.RunAsync("templates", "generate", "x", "--endpoint", $"{server.Address}v1", "--chat-model", "tiny");
        result.FailedWith("did not give a usable template set");
        Assert.DoesNotContain('\u001b', result.Error + result.Output);
        Assert.DoesNotContain('\u0007', result.Error + result.Output);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Content_DeepOrHuge_IsOneSentence()
    {
        foreach (string content in new[] { new string('{', 500_000) + new string('}', 500_000), "{" + new string('x', 2_000_000) + "}" })
        {
            await using HttpServer server = new(_ => Completion(content));
            Tool.Result result = await Tool.RunAsync("templates", "generate", "x", "--endpoint", $"{server.Address}v1", "--chat-model", "tiny");
            result.FailedWith("did not give a usable template set");
            Assert.InRange(result.Error.Length, 20, 4000);
        }
    }

    [Fact]
    public async Task AnswerFile_HugeOrBinary_IsOneSentence()
    {
        string huge = _folder["huge.txt"];
        await using (FileStream stream = File.Create(huge))
        {
            stream.SetLength(1L << 40);
        }

        (await Tool.RunAsync("templates", "generate", "x", "--answer", huge)).FailedWith("an answer with a template set has a few thousand");
        await File.WriteAllBytesAsync(_folder["binary"], [0, 255, 254, (byte)'{', 27, (byte)'}', 0x80]);
        Tool.Result result = await Tool.RunAsync("templates", "generate", "x", "--answer", _folder["binary"]);
        result.FailedWith("holds no usable template set");
        Assert.DoesNotContain('\u001b', result.Error);
    }

    private static Answer Completion(string content) => new(200, JsonSerializer.Serialize(new
    {
        id = "1",
        @object = "chat.completion",
        created = 1,
        model = "tiny",
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content } } },
    }))
    { Headers = { ["Content-Type"] = "application/json" } };

    private static async Task<string> AskAsync(Answer answer, int patienceSeconds = 60)
    {
        await using HttpServer server = new(_ => answer);
        using OpenAIChatClient client = new(new Uri($"{server.Address}v1"), "tiny", "none", TimeSpan.FromSeconds(patienceSeconds));
        ToolException exception = await Assert.ThrowsAsync<ToolException>(() => new TemplateSetGenerator(client).GenerateAsync(new TemplateSetRequest("x")).WaitAsync(Patience.Hang));
        return exception.Message;
    }
}
