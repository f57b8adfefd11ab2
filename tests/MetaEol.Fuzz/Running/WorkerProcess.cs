using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MetaEol.Fuzz.Running;

/// <summary>The other side: starts a worker process, sends it inputs, watches it, and starts another where one has ended or had to be ended.</summary>
/// <param name="target">The target; its inputs run in the worker alone.</param>
/// <param name="seed">The seed of numbered inputs.</param>
internal sealed class WorkerProcess(FuzzTarget target, int seed) : IDisposable
{
    // Waiting costs no CPU time, but a machine may be busy: many times the limit before a wait is called a hang.
    private const int WaitFactor = 15;
    private const int LongestError = 4000;

    // A gigabyte: what takes more fails with an exception, and not with the machine.
    private static readonly Dictionary<string, string> Limits = new() { ["DOTNET_GCHeapHardLimit"] = "0x40000000", ["DOTNET_gcServer"] = "0", ["DOTNET_DbgEnableMiniDump"] = "0" };

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _heartbeatPath = Path.GetTempFileName();
    private readonly StringBuilder _errors = new();
    private Process? _process;
    private Heartbeat? _heartbeat;

    /// <summary>Runs numbered inputs until one of them does something wrong.</summary>
    /// <param name="first">The first one's number.</param>
    /// <param name="count">How many.</param>
    /// <returns>How many were run, and what the last of them did.</returns>
    public (int Done, Finding? Finding) Run(long first, int count) => Send(count, writer => writer.Write(first));

    /// <summary>Runs one input.</summary>
    public Finding? Run(byte[] input) => Send(1, writer =>
    {
        writer.Write(-1L);
        writer.Write(input.Length);
        writer.Write(input);
    }).Finding;

    public void Dispose()
    {
        Stop();
        File.Delete(_heartbeatPath);
    }

    private (int Done, Finding? Finding) Send(int count, Action<BinaryWriter> writeRequest)
    {
        Process process = _process ??= Start();
        _heartbeat!.Input = 0;
        Task<(int, Finding?)> answer = Task.Run(() =>
        {
            var writer = new BinaryWriter(process.StandardInput.BaseStream);
            writer.Write(count);
            writeRequest(writer);
            writer.Flush();
            return ReadAnswer(process.StandardOutput.BaseStream);
        });
        Finding? hang = Watch(process, answer);
        try
        {
            if (hang is null)
            {
                return answer.GetAwaiter().GetResult();
            }
        }
        catch (IOException)
        {
            // The worker has ended: what its last input was, the heartbeat still tells.
        }

        int done = (int)_heartbeat.Input + 1;
        process.WaitForExit();
        Finding finding = hang ?? Crash(process.ExitCode);
        Stop();
        return (done, finding);
    }

    /// <summary>Waits for the answer, or for an input that takes too long; that ends the worker.</summary>
    private Finding? Watch(Process process, Task answer)
    {
        long current = -1;
        TimeSpan cpu = default;
        var watch = new Stopwatch();
        while (Task.WaitAny([answer], Poll) < 0)
        {
            if (process.HasExited)
            {
                continue;
            }

            process.Refresh();
            long input = _heartbeat!.Input;
            if (input != current)
            {
                (current, cpu) = (input, process.TotalProcessorTime);
                watch.Restart();
                continue;
            }

            TimeSpan used = process.TotalProcessorTime - cpu;
            if (used > target.TimeLimit || watch.Elapsed > WaitFactor * target.TimeLimit)
            {
                process.Kill();
                return new Finding(FindingKind.Hang, "hang", string.Create(CultureInfo.InvariantCulture, $"Not done after {used.TotalSeconds:0.0} s of CPU time and {watch.Elapsed.TotalSeconds:0.0} s; the limit is {target.TimeLimit.TotalSeconds:0} s."));
            }
        }

        return null;
    }

    private static (int, Finding?) ReadAnswer(Stream output)
    {
        var reader = new BinaryReader(output);
        int done = reader.ReadInt32();
        return (done, reader.ReadBoolean() ? new Finding((FindingKind)reader.ReadInt32(), reader.ReadString(), reader.ReadString()) : null);
    }

    private Finding Crash(int exitCode)
    {
        string errors;
        lock (_errors)
        {
            errors = _errors.ToString();
        }

        string first = errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? $"exit code {exitCode}";
        return new Finding(FindingKind.Crash, first, $"The process ended with {exitCode}.\n{errors}");
    }

    private Process Start()
    {
        _errors.Clear();
        _heartbeat ??= new Heartbeat(_heartbeatPath);
        Process process = OwnProcess.Start([Worker.Argument, target.Name, seed.ToString(CultureInfo.InvariantCulture), _heartbeatPath], redirectInput: true, Limits);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                if (line.Data is not null && _errors.Length < LongestError)
                {
                    _errors.AppendLine(line.Data);
                }
            }
        };
        process.BeginErrorReadLine();
        return process;
    }

    private void Stop()
    {
        if (_process is { } process)
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // Its other end is gone already.
            }

            if (!process.WaitForExit(TimeSpan.FromSeconds(30)))
            {
                process.Kill();
                process.WaitForExit();
            }

            process.Dispose();
        }

        _process = null;
        _heartbeat?.Dispose();
        _heartbeat = null;
    }
}
