using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace MetaEol.Cli.Hub;

/// <summary>HTTP as the hub speaks it: redirects that do not carry the token to another host, pauses when asked for, and errors in its own headers.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MaxRedirects = 10, MaxAttempts = 5, AnswerPatience = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private readonly HttpClient _http;
    private readonly HubSettings _settings;
    private readonly TimeSpan _firstPause;

    public HubClient(HubSettings settings, TimeSpan? firstPause = null)
    {
        _settings = settings;
        _firstPause = firstPause ?? TimeSpan.FromSeconds(1);
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = TimeSpan.FromSeconds(15) };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("metaeol", typeof(HubClient).Assembly.GetName().Version?.ToString(3)));
        _http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>Receives a line for every pause and retry.</summary>
    public Action<string>? Notify { get; init; }

    /// <summary>The longest wait for the response's headers, or for more of its content.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request, waits and repeats it where the server asks for that or fails, and follows redirects.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="path">The path on the hub, each part escaped.</param>
    /// <param name="offset">First byte wanted; 0 asks for all.</param>
    /// <param name="followToOtherHosts">False stops at a redirect to another host, whose response then is the answer: it carries the metadata of a large file.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>A response that is a success or, where they are not followed, a redirect; or, with <paramref name="offset"/>, 416.</returns>
    /// <exception cref="HubException">The server refuses, or keeps failing.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, long offset, bool followToOtherHosts, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            string failure;
            TimeSpan? pause = null;
            try
            {
                HttpResponseMessage response = await FollowAsync(method, new Uri(_settings.Endpoint, path), offset, followToOtherHosts, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || (int)response.StatusCode is >= 300 and < 400 || (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && offset > 0))
                {
                    return response;
                }

                using (response)
                {
                    if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout) && (int)response.StatusCode < 500)
                    {
                        throw new HubException(Refusal(response));
                    }

                    failure = response.StatusCode == HttpStatusCode.TooManyRequests ? "The hub asks to wait (429)" : $"The hub answered {(int)response.StatusCode}";
                    pause = RetryAfter(response);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException)
            {
                failure = exception is HttpRequestException { InnerException: { } inner } ? inner.Message : exception.Message;
            }

            if (attempt == MaxAttempts || pause > LongestPause)
            {
                string again = pause > LongestPause ? $"; it asks to wait {pause.Value.TotalMinutes:0} minutes" : $", {MaxAttempts} times in a row";
                throw new HubException($"{_settings.Endpoint.Host} cannot serve '{path}': {failure}{again}.");
            }

            await PauseAsync(attempt, pause, failure, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits before a further attempt: as long as the server said, else twice as long as before.</summary>
    public async Task PauseAsync(int attempt, TimeSpan? asked, string reason, CancellationToken cancellationToken)
    {
        TimeSpan pause = asked ?? (_firstPause * Math.Pow(2, attempt - 1));
        Notify?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{reason}; trying again in {pause.TotalSeconds:0.#} s."));
        await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a small answer whole, within a size and a time that a server which means well never needs.</summary>
    /// <exception cref="HubException">It is larger, takes longer, or breaks off.</exception>
    public async Task<byte[]> ReadAllAsync(HttpResponseMessage response, long longest, CancellationToken cancellationToken)
    {
        TimeSpan limit = Patience * AnswerPatience;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        try
        {
            await response.Content.LoadIntoBufferAsync(longest, patience.Token).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubException(string.Create(CultureInfo.InvariantCulture, $"the hub's answer is not complete after {limit.TotalSeconds:0.#} s."));
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new HubException(string.Create(CultureInfo.InvariantCulture, $"the hub's answer has more than {longest:N0} bytes, which no list of files has."), exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new HubException($"the hub's answer breaks off: {exception.Message}", exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> FollowAsync(HttpMethod method, Uri address, long offset, bool followToOtherHosts, CancellationToken cancellationToken)
    {
        for (int redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using HttpRequestMessage request = new(method, address);
            if (_settings.Token is not null && SameOrigin(address))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _settings.Token);
            }

            if (offset > 0)
            {
                request.Headers.Range = new RangeHeaderValue(offset, null);
            }

            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"no answer within {Patience.TotalSeconds:0} s");
            }

            if ((int)response.StatusCode is < 300 or >= 400)
            {
                return response;
            }

            if (response.Headers.Location is not { } location || !Uri.TryCreate(address, location, out Uri? target))
            {
                response.Dispose();
                throw new HubException($"{address.Host} answers with a redirect ({(int)response.StatusCode}) that does not say where to.");
            }

            bool sameHost = Uri.Compare(address, target, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
            if (!sameHost && !followToOtherHosts)
            {
                return response;
            }

            response.Dispose();
            if (target.Scheme != "https" && !(target.Scheme == "http" && _settings.Endpoint.Scheme == "http"))
            {
                throw new HubException($"{address.Host} redirects to '{target.GetLeftPart(UriPartial.Authority)}', which is not an https address.");
            }

            address = target;
        }

        throw new HubException($"{_settings.Endpoint.Host} redirected more than {MaxRedirects} times.");
    }

    private bool SameOrigin(Uri address) =>
        Uri.Compare(address, _settings.Endpoint, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? pause = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow,
            _ => null,
        };
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }

    private string Refusal(HttpResponseMessage response)
    {
        string? code = Header(response, "X-Error-Code"), message = Header(response, "X-Error-Message");
        string tokenHint = _settings.Token is null ? "set HF_TOKEN to an access token that may read it" : "the access token in use may not read it";
        string address = _settings.Endpoint.AbsoluteUri.TrimEnd('/');
        return (code, response.StatusCode) switch
        {
            ("RevisionNotFound", _) => "the model has no such branch, tag or commit",
            ("EntryNotFound", _) => "the model has no such file",
            ("GatedRepo", _) => $"the model is gated: accept its terms on its page at {address}, and {tokenHint}",
            (_, HttpStatusCode.Unauthorized) => $"there is no such model, or it is private: {tokenHint}",
            (_, HttpStatusCode.Forbidden) => $"access is forbidden: {tokenHint}",
            (_, HttpStatusCode.NotFound) => "there is no such model or file",
            _ => string.Create(CultureInfo.InvariantCulture, $"the hub answered {(int)response.StatusCode} {response.ReasonPhrase}"),
        }
        + (message is { Length: > 0 and < 300 } && response.StatusCode != HttpStatusCode.NotFound ? $" (it says: {message})" : string.Empty);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
