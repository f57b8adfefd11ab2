using System.Globalization;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Tests;

/// <summary>A minute of fuzzing, and every input that was ever found.</summary>
/// <remarks>
/// METAEOL_FUZZ_SECONDS is the time for all targets together: 60, and 20 where there are no more than two processors. METAEOL_FUZZ_SEED is the seed, 1. The numbered inputs of a seed are always the
/// same; how many of them are run is a matter of time.
/// </remarks>
public class FuzzTests
{
    private const int LongestShown = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Inputs_DoNothingButWhatIsDocumented(string target)
    {
        double seconds = Variable("METAEOL_FUZZ_SECONDS", Environment.ProcessorCount > 2 ? 60 : 20) / FuzzTargets.Names.Count;
        int seed = (int)Variable("METAEOL_FUZZ_SEED", 1);
        TargetReport report = Campaign.Run(target, seed, TimeSpan.FromSeconds(seconds), long.MaxValue, Patience);
        Assert.True(report.Inputs > 0, "No input was run.");
        Assert.True(
            report.Found.Count == 0,
            string.Join("\n", report.Found.Select(found => $"{target}, seed {seed}, input {found.Index}: {found.Finding.Kind}, {found.Finding.Key}\n{found.Finding.Details}\nSmallest input: {(found.Input.Length > LongestShown ? $"{found.Input.Length} bytes" : Convert.ToBase64String(found.Input))}")));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_AreValid(string target)
    {
        using FuzzTarget parser = FuzzTargets.Create(target);
        Assert.NotEmpty(parser.Seeds);
        foreach (byte[] seed in parser.Seeds)
        {
            parser.Run(seed);
        }
    }

    /// <summary>The files of a folder are inputs of the target of that name.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Cases_DoNothingButWhatIsDocumented(string target)
    {
        string folder = Path.Combine(TestPaths.Root, "tests", "MetaEol.Fuzz", "Cases", target);
        if (!Directory.Exists(folder))
        {
            return;
        }

        using FuzzTarget parser = FuzzTargets.Create(target);
        using WorkerProcess worker = new(parser, seed: 0);
        foreach (string path in Directory.GetFiles(folder))
        {
            Finding? finding = worker.Run(File.ReadAllBytes(path));
            Assert.True(finding is null, $"{path}: {finding?.Kind}, {finding?.Key}\n{finding?.Details}");
        }
    }

    /// <summary>A case in a folder of another name would never run.</summary>
    [Fact]
    public void Cases_AreOfTargets() =>
        Assert.Empty(Directory.GetDirectories(Path.Combine(TestPaths.Root, "tests", "MetaEol.Fuzz", "Cases")).Select(folder => Path.GetFileName(folder)).Except(FuzzTargets.Names));

    private static double Variable(string name, double fallback) =>
        double.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) ? value : fallback;
}
