using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

namespace MetaEol.Fuzz.Running;

/// <summary>The program: fuzzes, and tells what was found.</summary>
internal static class FuzzCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Fuzzes.</summary>
    /// <returns>0 if nothing was found, 1 if something was, 2 if the arguments are wrong.</returns>
    public static int Run(string[] arguments)
    {
        FuzzOptions options;
        try
        {
            options = FuzzOptions.Parse(arguments);
        }
        catch (FormatException exception)
        {
            Console.Error.WriteLine($"{exception.Message}\n\n{FuzzOptions.Help}");
            return 2;
        }

        var reports = new ConcurrentBag<TargetReport>();
        TimeSpan each = TimeSpan.FromSeconds(options.Seconds * Math.Min(options.Jobs, options.Targets.Count) / options.Targets.Count);
        Parallel.ForEach(Partitioner.Create(options.Targets, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = options.Jobs }, target =>
        {
            TargetReport report = Campaign.Run(target, options.Seed, each, options.Inputs, Patience);
            reports.Add(report);
            Write(report, options);
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reports.Sum(report => report.Inputs):N0} inputs of {reports.Count} targets, {reports.Sum(report => report.Found.Count)} findings."));
        return reports.All(report => report.Found.Count == 0) ? 0 : 1;
    }

    /// <summary>Runs the inputs of files.</summary>
    public static int Check(string[] paths)
    {
        int wrong = 0;
        foreach (string path in paths)
        {
            using FuzzTarget target = FuzzTargets.Create(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!);
            using WorkerProcess worker = new(target, seed: 0);
            Finding? finding = worker.Run(File.ReadAllBytes(path));
            wrong += finding is null ? 0 : 1;
            Console.WriteLine(finding is null ? $"{path}: fine" : $"{path}: {finding.Kind}, {finding.Key}\n{finding.Details}");
        }

        return wrong == 0 ? 0 : 1;
    }

    public static int List()
    {
        Console.WriteLine(string.Join('\n', FuzzTargets.Names));
        return 0;
    }

    public static int Help()
    {
        Console.WriteLine(FuzzOptions.Help);
        return 0;
    }

    private static void Write(TargetReport report, FuzzOptions options)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write(string.Create(CultureInfo.InvariantCulture, $"{report.Target,-20} {report.Inputs,12:N0} inputs {report.Elapsed.TotalSeconds,8:N0} s {report.Found.Count,4} findings"));
        foreach (FoundInput found in report.Found)
        {
            string folder = Path.Combine(options.Output, report.Target);
            string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(found.Input))[..12]);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(path, found.Input);
            text.Write($"\n  {found.Finding.Kind}: {found.Finding.Key}\n    {found.Times} times, first as --target {report.Target} --seed {options.Seed}, input {found.Index}; smallest: {path} ({found.Input.Length} bytes)\n    ");
            text.Write(found.Finding.Details.ReplaceLineEndings("\n    "));
        }

        Console.WriteLine(text);
    }
}
