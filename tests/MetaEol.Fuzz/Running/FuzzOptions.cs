using System.Globalization;

namespace MetaEol.Fuzz.Running;

/// <summary>The command line.</summary>
internal sealed record FuzzOptions
{
    /// <summary>What the program can be told.</summary>
    public const string Help = """
        Mutation fuzzing of every parser. Inputs are numbered: the same target, seed and number make the same input.

        dotnet run --project tests/MetaEol.Fuzz -- [options]      fuzz
        dotnet run --project tests/MetaEol.Fuzz -- check FILE...  run inputs of files in folders that are called like their targets
        dotnet run --project tests/MetaEol.Fuzz -- soak [options] soak and storm, see docs/reliability.md

          --seconds N    time for all targets together (60)
          --inputs N     most inputs of each target (no limit)
          --seed N       seed of the inputs (1)
          --target NAME  one target; may be given several times (all)
          --jobs N       targets at a time (half of the processors)
          --output PATH  where the smallest inputs that do something wrong are written (artifacts/fuzz)
          --list         the names of the targets
        """;

    public double Seconds { get; private init; } = 60;

    public long Inputs { get; private init; } = long.MaxValue;

    public int Seed { get; private init; } = 1;

    public IReadOnlyList<string> Targets { get; private init; } = FuzzTargets.Names;

    public int Jobs { get; private init; } = Math.Max(1, Environment.ProcessorCount / 2);

    public string Output { get; private init; } = Path.Combine("artifacts", "fuzz");

    /// <exception cref="FormatException">An argument is not known, or its value is not one; the message says which.</exception>
    public static FuzzOptions Parse(IReadOnlyList<string> arguments)
    {
        FuzzOptions options = new();
        List<string> targets = [];
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string name = arguments[i];
            string value = i + 1 < arguments.Count ? arguments[i + 1] : throw new FormatException($"'{name}' lacks its value.");
            switch (name)
            {
                case "--seconds":
                    options = options with { Seconds = Number(name, value, 1e9) };
                    break;
                case "--inputs":
                    options = options with { Inputs = (long)Number(name, value, 1e15) };
                    break;
                case "--seed":
                    options = options with { Seed = (int)Number(name, value, int.MaxValue) };
                    break;
                case "--jobs":
                    options = options with { Jobs = (int)Math.Max(1, Number(name, value, 1024)) };
                    break;
                case "--target" when FuzzTargets.Names.Contains(value):
                    targets.Add(value);
                    break;
                case "--target":
                    throw new FormatException($"There is no target '{value}': there are {string.Join(", ", FuzzTargets.Names)}.");
                case "--output":
                    options = options with { Output = value };
                    break;
                default:
                    throw new FormatException($"'{name}' is not known.");
            }
        }

        return targets.Count == 0 ? options : options with { Targets = targets };
    }

    private static double Number(string name, string value, double maximum) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number <= maximum
            ? number
            : throw new FormatException($"'{name}' is '{value}': write a number from 0 to {maximum.ToString(CultureInfo.InvariantCulture)}.");
}
