using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Runtime.CompilerServices;
using MetaEol.Cli.Display;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace MetaEol.Cli.Models;

/// <summary>A thin <see cref="IChatClient"/> over the official OpenAI package, for any endpoint that speaks its chat protocol. Whatever an endpoint answers that is not of it becomes one sentence.</summary>
internal sealed class OpenAIChatClient : IChatClient
{
    private const long LongestAnswer = 16 << 20;
    private const int LongestQuote = 300;
    private readonly ChatClient _client;
    private readonly ChatClientMetadata _metadata;
    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private readonly string _model;
    private readonly TimeSpan _patience;

    public OpenAIChatClient(Uri endpoint, string model, string apiKey, TimeSpan? patience = null)
    {
        (_endpoint, _model, _patience) = (endpoint, model, patience ?? TimeSpan.FromMinutes(5));
        _http = new HttpClient(new ChatAnswerLimit(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) }, LongestAnswer)) { Timeout = Timeout.InfiniteTimeSpan };
        OpenAIClientOptions options = new() { Endpoint = endpoint, NetworkTimeout = _patience, Transport = new HttpClientPipelineTransport(_http) };
        _client = new ChatClient(model, new ApiKeyCredential(apiKey), options);
        _metadata = new ChatClientMetadata("openai", endpoint, model);
    }

    /// <exception cref="ToolException">The endpoint cannot be reached, refuses, or does not answer as the protocol says.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            ClientResult<ChatCompletion> completion = await _client.CompleteChatAsync(
                messages.Select(Convert), new ChatCompletionOptions { Temperature = options?.Temperature }, cancellationToken).ConfigureAwait(false);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, string.Concat(completion.Value.Content.Select(part => part.Text)))) { ModelId = completion.Value.Model };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(Explain(exception), exception);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (ChatResponseUpdate update in (await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : serviceType.IsInstanceOfType(_client) ? _client : null;

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// What went wrong. An answer that is not the protocol's shows in the package as whatever its reader stumbles over (JSON that cannot be read, a list without
    /// elements, a null), so that what is not a refusal or a broken connection is taken for one.
    /// </summary>
    private string Explain(Exception exception)
    {
        Exception[] all = [.. Causes(exception)];
        if (all.OfType<ToolException>().FirstOrDefault() is { } limit)
        {
            return limit.Message;
        }

        if (all.OfType<ClientResultException>().FirstOrDefault() is { Status: > 0 } refusal)
        {
            string hint = refusal.Status switch
            {
                401 or 403 => " Is OPENAI_API_KEY the endpoint's key?",
                404 => $" Is '{_endpoint}' the address up to and with /v1, and '{_model}' a model that it has?",
                _ => string.Empty,
            };
            return string.Create(CultureInfo.InvariantCulture, $"the chat endpoint '{_endpoint}' refuses with {refusal.Status}: {Printable.Line(refusal.Message, LongestQuote)}{hint}");
        }

        if (all.Any(cause => cause is OperationCanceledException or TimeoutException))
        {
            return string.Create(CultureInfo.InvariantCulture, $"the chat endpoint '{_endpoint}' gave no whole answer within {_patience.TotalSeconds:0} s.");
        }

        if (all.FirstOrDefault(cause => cause is HttpRequestException or IOException or System.Net.Sockets.SocketException) is { } broken)
        {
            return $"the chat endpoint '{_endpoint}' cannot be reached, or breaks off: {Printable.Line(broken.Message, LongestQuote)} Is it running, and is the address right?";
        }

        return $"the chat endpoint '{_endpoint}' does not answer as OpenAI's chat protocol says, with JSON that has 'choices' with a 'message' ({Printable.Line(all[^1].Message, LongestQuote)}). Is the address right? It ends with /v1 at most endpoints.";
    }

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        IEnumerable<Exception> inner = exception is AggregateException aggregate ? aggregate.InnerExceptions : exception.InnerException is { } cause ? [cause] : [];
        return inner.SelectMany(Causes).Prepend(exception);
    }

    private static OpenAI.Chat.ChatMessage Convert(ChatMessage message) => message.Role == ChatRole.System ? new SystemChatMessage(message.Text)
        : message.Role == ChatRole.Assistant ? new AssistantChatMessage(message.Text)
        : new UserChatMessage(message.Text);
}
