using System.Diagnostics;
using MetaEol.Fuzz.Running;
using MetaEol.Fuzz.Soak;

namespace MetaEol.Fuzz.Tests;

/// <summary>A little of the soak, in a process of its own, where nothing else opens and closes things.</summary>
public class SoakTests
{
    [Fact]
    public async Task Soak_LeavesNothingBehind()
    {
        using Process process = OwnProcess.Start([SoakOptions.Argument, "--calls", "2000", "--waiting", "6000", "--loads", "40"], redirectInput: false);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("Nothing grew", output, StringComparison.Ordinal);
    }
}
