using System.Diagnostics;
using System.Globalization;
using MetaEol.Fuzz.Targets;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Soak;

/// <summary>Soak and storm: many calls, many that wait and are cancelled, many loads; what the process holds before and after each; and a verdict.</summary>
internal static class SoakCommand
{
    private const double Megabyte = 1 << 20;

    // What remains of a phase beside noise: pools of the runtime grow a little with the load. A leak of any thing per call is hundreds of times as much.
    private const long ManagedGrowth = 16L << 20;
    private const int ThreadGrowth = 16;
    private const int HandleGrowth = 16;
    private const int MappingGrowth = 128;

    /// <summary>Runs all phases.</summary>
    /// <returns>0 if nothing grew and every call ended as it must, 1 if not, 2 if the arguments are wrong.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        SoakOptions options;
        try
        {
            options = SoakOptions.Parse(arguments);
        }
        catch (FormatException exception)
        {
            Console.Error.WriteLine($"{exception.Message}\n\n{SoakOptions.Help}");
            return 2;
        }

        using TemporaryFolder folder = new();
        string model = options.Model ?? folder.Path;
        if (options.Model is null)
        {
            SmallModel.Llama.Write(model);
            File.WriteAllBytes(folder.File("tokenizer.json"), TokenizerSeeds.Json[1]);
        }

        SoakPhases phases = new(model, options.Seed);

        // Code that is compiled and pools that are filled once are no leak: everything runs a little before the first look.
        await phases.CallAsync(Math.Min(options.Calls, 2000)).ConfigureAwait(false);
        await phases.CancelAsync(Math.Min(options.Waiting, 2000)).ConfigureAwait(false);
        await phases.LoadAsync(Math.Min(options.Loads, 20)).ConfigureAwait(false);
        ProcessState start = ProcessState.Read();
        Console.WriteLine("| phase | time | managed memory | resident memory | threads | handles | mappings | of the model | how the calls ended |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        Write("before", TimeSpan.Zero, start, "");
        bool isRight = await RunAsync($"{options.Calls:N0} calls", () => phases.CallAsync(options.Calls), start).ConfigureAwait(false);
        isRight &= await RunAsync($"{options.Waiting:N0} waiting and cancelled", () => phases.CancelAsync(options.Waiting), start).ConfigureAwait(false);
        isRight &= await RunAsync($"{options.Loads:N0} loads and disposals", () => phases.LoadAsync(options.Loads), start).ConfigureAwait(false);
        Console.WriteLine(isRight ? "\nNothing grew, and every call ended as it must." : "\nFAILED: see above.");
        return isRight ? 0 : 1;
    }

    private static async Task<bool> RunAsync(string name, Func<Task<SoakCount>> phase, ProcessState start)
    {
        var watch = Stopwatch.StartNew();
        SoakCount count = await phase().ConfigureAwait(false);
        TimeSpan elapsed = watch.Elapsed;
        ProcessState end = ProcessState.Read();
        Write(name, elapsed, end, count.ToString());
        bool isRight = count.Unexpected is null
            && end.ManagedBytes - start.ManagedBytes < ManagedGrowth && end.Threads - start.Threads < ThreadGrowth && end.Handles - start.Handles < HandleGrowth
            && end.Mappings - start.Mappings < MappingGrowth && end.ModelMappings <= start.ModelMappings;
        if (!isRight)
        {
            Console.WriteLine($"\nFAILED in '{name}': {count.Unexpected?.ToString() ?? "the process holds more than before."}");
        }

        return isRight;
    }

    private static void Write(string phase, TimeSpan elapsed, ProcessState state, string ended) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {phase} | {elapsed.TotalSeconds:0.0} s | {state.ManagedBytes / Megabyte:0.0} MB | {state.ResidentBytes / Megabyte:0} MB | {state.Threads} | {state.Handles} | {state.Mappings} | {state.ModelMappings} | {ended} |"));
}
