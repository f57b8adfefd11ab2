using MetaEol.AspNetCore.Load;
using MetaEol.AspNetCore.Requests;

namespace MetaEol.AspNetCore.Tests;

public class FairGateTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Enter_WithinTheLimit_DoesNotWait()
    {
        FairGate gate = Gate(running: 100);
        using GateRequest request = gate.Admit("a", 100);

        ValueTask<GatePass> first = request.EnterAsync(60, default), second = request.EnterAsync(40, default);

        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.Equal(0, gate.Waiting.Tokens);
        (await first).Dispose();
        (await second).Dispose();
        Assert.Equal(0, gate.RunningTokens);
    }

    [Fact]
    public async Task Enter_OfMoreThanTheLimit_RunsAlone()
    {
        FairGate gate = Gate(running: 100);
        using GateRequest request = gate.Admit("a", 1000);

        using GatePass pass = await request.EnterAsync(1000, default);

        Assert.Equal(1000, gate.RunningTokens);
    }

    [Fact]
    public async Task Clients_TakeTurnsByTokens()
    {
        FairGate gate = Gate(running: 10);
        List<string> order = [];
        using GateRequest first = gate.Admit("first", 10);
        GatePass pass = await first.EnterAsync(10, default);

        // One with ten large parts, and one that comes after it with ten small ones.
        List<Task> all = [];
        foreach (int part in Enumerable.Range(0, 10))
        {
            all.Add(RunAsync(gate, "large", 10, order));
        }

        foreach (int part in Enumerable.Range(0, 10))
        {
            all.Add(RunAsync(gate, "small", 5, order));
        }

        pass.Dispose();
        await Task.WhenAll(all);

        // While both wait, neither is more than one large part ahead of the other.
        int large = 0, small = 0;
        foreach (string client in order.Take(14))
        {
            (large, small) = client == "large" ? (large + 10, small) : (large, small + 5);
            Assert.InRange(large - small, -10, 10);
        }

        Assert.Equal(10, order.Count(client => client == "small"));
        Assert.Equal(10, order.Count(client => client == "large"));
    }

    [Fact]
    public async Task AQuestion_BesideManyTexts_IsNextButOne()
    {
        FairGate gate = Gate(running: 10);
        List<string> order = [];
        using GateRequest first = gate.Admit("bulk", 10);
        GatePass pass = await first.EnterAsync(10, default);
        List<Task> all = [.. Enumerable.Range(0, 200).Select(_ => RunAsync(gate, "bulk", 10, order))];

        all.Add(RunAsync(gate, "question", 1, order));
        pass.Dispose();
        await Task.WhenAll(all);

        Assert.InRange(order.IndexOf("question"), 0, 1);
    }

    [Fact]
    public async Task Admit_BeyondTheBound_IsRefusedWithTheTimeThatItTakesAtTheMeasuredRate()
    {
        FairGate gate = Gate(running: 100, waiting: 1000);
        using GateRequest measured = gate.Admit("a", 100);
        GatePass pass = await measured.EnterAsync(100, default);
        _time.Advance(TimeSpan.FromSeconds(2));
        pass.Dispose();

        using GateRequest waiting = gate.Admit("a", 900);
        RequestFailureException refused = Assert.Throws<RequestFailureException>(() => gate.Admit("b", 400));

        // 300 tokens too many at 50 in a second.
        Assert.Equal(FailureKind.Overloaded, refused.Kind);
        Assert.Equal(6, refused.RetryAfterSeconds);
        using GateRequest small = gate.Admit("b", 100);
        Assert.Equal(1000, gate.Waiting.Tokens);
    }

    [Fact]
    public void Admit_WhereNothingWaits_TakesAnything()
    {
        FairGate gate = Gate(running: 10, waiting: 10);

        using (gate.Admit("a", 1_000_000))
        {
            Assert.Throws<RequestFailureException>(() => gate.Admit("b", 1));
        }

        using GateRequest again = gate.Admit("b", 1);
        Assert.Equal(1, gate.Waiting.Tokens);
    }

    [Fact]
    public async Task ACaller_ThatLeaves_IsForgotten()
    {
        FairGate gate = Gate(running: 10);
        using GateRequest first = gate.Admit("a", 10);
        GatePass pass = await first.EnterAsync(10, default);
        using CancellationTokenSource leaves = new();
        GateRequest second = gate.Admit("b", 10);
        Task<GatePass> entering = second.EnterAsync(10, leaves.Token).AsTask();
        GateRequest third = gate.Admit("c", 10);
        Task<GatePass> next = third.EnterAsync(10, default).AsTask();

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => entering);
        second.Dispose();
        pass.Dispose();
        (await next).Dispose();

        Assert.Equal((0, 0L), gate.Waiting);
        Assert.Equal(0, gate.RunningTokens);
        third.Dispose();
    }

    private static async Task RunAsync(FairGate gate, string client, long tokens, List<string> order)
    {
        using GateRequest request = gate.Admit(client, tokens);
        using GatePass pass = await request.EnterAsync(tokens, default);
        lock (order)
        {
            order.Add(client);
        }
    }

    private FairGate Gate(long running, long waiting = 1 << 20) => new(waiting, running, _time);
}
