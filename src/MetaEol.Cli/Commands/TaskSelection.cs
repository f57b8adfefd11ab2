namespace MetaEol.Cli.Commands;

/// <summary>Which benchmark tasks run.</summary>
internal static class TaskSelection
{
    /// <summary>The tasks named, which must be there; or all that are there.</summary>
    /// <exception cref="ToolException">A task named is not known or not there, or none is there.</exception>
    public static IReadOnlyList<string> Choose(string[]? named, IReadOnlyList<string> known, Func<string, IReadOnlyList<string>> missingFiles, string folder, Terminal terminal)
    {
        string[] wanted = [.. (named ?? []).SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (wanted.Length > 0)
        {
            string[] found = [.. wanted.Select(name => known.FirstOrDefault(task => Plain(task) == Plain(name)) ?? throw new ToolException($"There is no task '{name}'; there are {string.Join(", ", known)}."))];
            foreach (string task in found)
            {
                if (missingFiles(task) is [var first, ..])
                {
                    throw new ToolException($"{task} needs '{first}' in '{folder}', which is not there.");
                }
            }

            return [.. known.Where(found.Contains)];
        }

        string[] there = [.. known.Where(task => missingFiles(task).Count == 0)];
        if (there.Length == 0)
        {
            throw new ToolException($"None of the tasks {string.Join(", ", known)} is in '{folder}'; it must be SentEval's data folder, with '{missingFiles(known[0])[0]}' and so on.");
        }

        if (there.Length < known.Count)
        {
            terminal.Warn($"not in '{folder}' and left out: {string.Join(", ", known.Except(there))}. The average is over the others.");
        }

        return there;
    }

    /// <summary>STS-B, stsb and STSB are the same.</summary>
    private static string Plain(string name) => name.Replace("-", string.Empty, StringComparison.Ordinal).ToUpperInvariant() is var plain && plain is "STSBENCHMARK" ? "STSB" : plain;
}
