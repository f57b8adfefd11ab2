namespace MetaEol.Cli.Models;

/// <summary>Reads the answers of a chat endpoint whole, up to a size: an endless one is an error in place of all memory.</summary>
internal sealed class ChatAnswerLimit(HttpMessageHandler inner, long longest) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(longest, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            response.Dispose();
            throw new ToolException($"the chat endpoint's answer has more than {longest} bytes.", exception);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
