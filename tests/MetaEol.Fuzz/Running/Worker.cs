using System.Globalization;

namespace MetaEol.Fuzz.Running;

/// <summary>The worker's side: a process that runs the inputs it is told to, until its standard input ends.</summary>
internal static class Worker
{
    /// <summary>The program's first argument that makes it a worker.</summary>
    public const string Argument = "--worker";

    // That of .NET's threads on Windows, the smallest among its platforms.
    private const int StackSize = 1 << 20;

    /// <summary>Serves until standard input ends.</summary>
    /// <param name="arguments">Target, seed, path of the heartbeat.</param>
    public static int Run(IReadOnlyList<string> arguments)
    {
        using Stream input = Console.OpenStandardInput();
        using Stream output = Console.OpenStandardOutput();
        Console.SetOut(TextWriter.Null);
        var thread = new Thread(() => Serve(arguments, new BinaryReader(input), new BinaryWriter(output)), StackSize);
        thread.Start();
        thread.Join();
        return 0;
    }

    private static void Serve(IReadOnlyList<string> arguments, BinaryReader requests, BinaryWriter answers)
    {
        using FuzzTarget target = FuzzTargets.Create(arguments[0]);
        int seed = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        using Heartbeat heartbeat = new(arguments[2]);
        while (ReadCount(requests) is int count)
        {
            // Inputs that are numbered follow from their numbers; others are sent.
            long first = requests.ReadInt64();
            Finding? finding = null;
            int done = 0;
            for (; done < count && finding is null; done++)
            {
                heartbeat.Input = done;
                byte[] input = first >= 0 ? target.Create(new FuzzRandom(target.Name, seed, first + done)) : requests.ReadBytes(requests.ReadInt32());
                finding = InputRunner.Run(target, input);
            }

            answers.Write(done);
            answers.Write(finding is not null);
            if (finding is not null)
            {
                answers.Write((int)finding.Kind);
                answers.Write(finding.Key);
                answers.Write(finding.Details);
            }

            answers.Flush();
        }
    }

    private static int? ReadCount(BinaryReader requests)
    {
        try
        {
            return requests.ReadInt32();
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }
}
