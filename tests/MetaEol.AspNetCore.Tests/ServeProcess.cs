using System.Diagnostics;
using System.Text;
using MetaEol.Tests;

namespace MetaEol.AspNetCore.Tests;

/// <summary><c>metaeol serve</c> as a process of its own, at a free port.</summary>
internal sealed class ServeProcess : IAsyncDisposable
{
    private const string Announcement = "Listening on ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly StringBuilder _log = new();

    private ServeProcess(Process process)
    {
        Process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    /// <summary>The tool, in the configuration that the tests were built in.</summary>
    public static string Tool { get; } = Path.Combine(TestPaths.Root, "src", "MetaEol.Cli", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "metaeol.dll");

    public Process Process { get; }

    public HttpClient Client { get; private set; } = null!;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts the server and waits until it is ready.</summary>
    public static async Task<ServeProcess> StartAsync(params string[] arguments)
    {
        ServeProcess server = new(Run(["--port", "0", .. arguments]));
        using CancellationTokenSource patience = new(Patience);
        while (server.Client is null)
        {
            string? line = await server.Process.StandardOutput.ReadLineAsync(patience.Token);
            Assert.True(line is not null, $"The server ended: {server.Log}");
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                server.Client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" } })
                {
                    BaseAddress = new Uri(line[Announcement.Length..]),
                    Timeout = TimeSpan.FromMinutes(4),
                };
            }
        }

        while ((await HttpAnswer.GetAsync(server.Client, "/ready")).Status != 200)
        {
            await Task.Delay(50, patience.Token);
        }

        return server;
    }

    /// <summary>Runs a command line that does not start to serve; gives its exit code and what it said.</summary>
    public static async Task<(int ExitCode, string Error)> FailAsync(params string[] arguments)
    {
        using Process process = Run(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"metaeol serve {string.Join(' ', arguments)} did not end within {Patience}.");
        }

        return (process.ExitCode, await error);
    }

    /// <summary>Asks the server to stop as a service manager does, and waits until it has.</summary>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{Process.Id}"]);
        await kill.WaitForExitAsync();
        using CancellationTokenSource patience = new(Patience);
        await Process.WaitForExitAsync(patience.Token);
        return Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
    }

    private static Process Run(string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", ["exec", Tool, "serve", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("METAEOL_MODEL");
        return Process.Start(start)!;
    }
}
