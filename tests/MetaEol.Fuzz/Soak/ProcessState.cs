using System.Diagnostics;

namespace MetaEol.Fuzz.Soak;

/// <summary>What a process holds.</summary>
/// <param name="ManagedBytes">Live managed memory.</param>
/// <param name="ResidentBytes">Memory of the process that is in use.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Handles">Open handles; on Linux, file descriptors.</param>
/// <param name="Mappings">Mapped ranges of memory; 0 where the system does not tell.</param>
/// <param name="ModelMappings">Those of them that are of safetensors files.</param>
internal sealed record ProcessState(long ManagedBytes, long ResidentBytes, int Threads, int Handles, int Mappings, int ModelMappings)
{
    private const string Maps = "/proc/self/maps";

    /// <summary>Reads the state after everything that is garbage is gone.</summary>
    public static ProcessState Read()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        string[] maps = File.Exists(Maps) ? File.ReadAllLines(Maps) : [];
        return new ProcessState(
            GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64, process.Threads.Count, process.HandleCount, maps.Length, maps.Count(line => line.EndsWith(".safetensors", StringComparison.Ordinal)));
    }
}
