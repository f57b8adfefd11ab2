using MetaEol.AspNetCore.Requests;

namespace MetaEol.AspNetCore.Load;

/// <summary>
/// Stands in front of the generators: lets in as many tokens as they can work on, bounds those that wait, and lets clients take turns by the tokens that each was let in with, so that one with
/// thousands of texts does not keep one with a question waiting.
/// </summary>
internal sealed class FairGate
{
    private readonly Lock _gate = new();
    private readonly long _maxWaitingTokens;
    private readonly long _runningLimit;
    private readonly RateMeter _rate;
    private readonly Dictionary<string, ClientQueue> _clients = new(StringComparer.Ordinal);
    private long _waitingTokens;
    private long _runningTokens;
    private int _waitingRequests;

    // The served tokens of the client that was let in last: where a client begins that had nothing waiting, so that nobody saves up turns.
    private long _turn;

    public FairGate(long maxWaitingTokens, long runningLimit, TimeProvider time)
    {
        _maxWaitingTokens = maxWaitingTokens;
        _runningLimit = runningLimit;
        _rate = new RateMeter(time);
    }

    /// <summary>Requests of which a part waits, and tokens that wait.</summary>
    public (int Requests, long Tokens) Waiting
    {
        get
        {
            lock (_gate)
            {
                return (_waitingRequests, _waitingTokens);
            }
        }
    }

    /// <summary>Tokens that are let in.</summary>
    public long RunningTokens
    {
        get
        {
            lock (_gate)
            {
                return _runningTokens;
            }
        }
    }

    /// <summary>Takes a request with all its tokens, which count as waiting until they are let in.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="tokens">The request's prompt tokens.</param>
    /// <exception cref="RequestFailureException">Too much waits already.</exception>
    public GateRequest Admit(string client, long tokens)
    {
        lock (_gate)
        {
            if (_waitingTokens > 0 && _waitingTokens + tokens > _maxWaitingTokens)
            {
                int seconds = _rate.SecondsFor(Math.Min(_waitingTokens, _waitingTokens + tokens - _maxWaitingTokens));
                throw new RequestFailureException(
                    FailureKind.Overloaded, $"{_waitingTokens} tokens wait already, and {_maxWaitingTokens} may: try again in {seconds} s, or send less at a time.")
                {
                    RetryAfterSeconds = seconds,
                };
            }

            _waitingTokens += tokens;
            return new GateRequest(this, client, tokens);
        }
    }

    /// <summary>How long it takes until what waits now is done, at the measured rate; at least 1.</summary>
    public int SecondsUntilIdle()
    {
        lock (_gate)
        {
            return _rate.SecondsFor(_waitingTokens + _runningTokens);
        }
    }

    /// <summary>Waits until a part of a request may run.</summary>
    internal async ValueTask<GatePass> EnterAsync(GateRequest request, long tokens, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        GateTicket ticket = new(request, tokens);
        lock (_gate)
        {
            if (_clients.Count == 0 && Fits(tokens))
            {
                Start(request, tokens);
                return new GatePass(this, tokens);
            }

            if (!_clients.TryGetValue(request.Client, out ClientQueue? queue))
            {
                _clients.Add(request.Client, queue = new ClientQueue { Served = _turn });
            }

            ticket.Place = queue.Tickets.AddLast(ticket);
            _waitingRequests++;
        }

        using (cancellationToken.UnsafeRegister(token => Leave(ticket, cancellationToken), null))
        {
            return await ticket.Entered.Task.ConfigureAwait(false);
        }
    }

    internal void Exit(long tokens)
    {
        lock (_gate)
        {
            _runningTokens -= tokens;
            _rate.Done(tokens, idle: _runningTokens == 0);
            LetIn();
        }
    }

    internal void Close(GateRequest request)
    {
        lock (_gate)
        {
            _waitingTokens -= request.NotStarted;
            request.NotStarted = 0;
        }
    }

    private void Leave(GateTicket ticket, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (ticket.Place is { List: { } tickets } place)
            {
                tickets.Remove(place);
                _waitingRequests--;
                if (tickets.Count == 0)
                {
                    _clients.Remove(ticket.Request.Client);
                }

                // The one that left may have been what the others waited behind.
                LetIn();
            }
        }

        ticket.Entered.TrySetCanceled(cancellationToken);
    }

    private bool Fits(long tokens) => _runningTokens == 0 || _runningTokens + tokens <= _runningLimit;

    private void LetIn()
    {
        while (_clients.Count > 0)
        {
            (string name, ClientQueue queue) = _clients.MinBy(client => client.Value.Served);
            GateTicket ticket = queue.Tickets.First!.Value;

            // Nobody overtakes the one whose turn it is: a large part would never find room.
            if (!Fits(ticket.Tokens))
            {
                return;
            }

            queue.Tickets.RemoveFirst();
            _waitingRequests--;
            _turn = queue.Served;
            queue.Served += ticket.Tokens;
            if (queue.Tickets.Count == 0)
            {
                _clients.Remove(name);
            }

            Start(ticket.Request, ticket.Tokens);
            if (!ticket.Entered.TrySetResult(new GatePass(this, ticket.Tokens)))
            {
                _runningTokens -= ticket.Tokens;
            }
        }
    }

    private void Start(GateRequest request, long tokens)
    {
        long started = Math.Min(tokens, request.NotStarted);
        request.NotStarted -= started;
        _waitingTokens -= started;
        if (_runningTokens == 0)
        {
            _rate.Begin();
        }

        _runningTokens += tokens;
    }
}
