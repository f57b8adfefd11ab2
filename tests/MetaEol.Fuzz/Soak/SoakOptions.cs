using System.Globalization;

namespace MetaEol.Fuzz.Soak;

/// <summary>How much the soak does.</summary>
internal sealed record SoakOptions
{
    /// <summary>What the command can be told.</summary>
    public const string Help = """
        dotnet run --project tests/MetaEol.Fuzz -- soak [options]

          --calls N      calls with mixed options, eight at a time (100000)
          --waiting N    calls that are made at once and cancelled while they wait (100000)
          --loads N      models that are loaded, used and disposed (1000)
          --seed N       seed of the choices (1)
          --model PATH   a model folder (a random model of some kilobytes, made for the run)
        """;

    /// <summary>The argument that makes the program soak.</summary>
    public const string Argument = "soak";

    public int Calls { get; private init; } = 100_000;

    public int Waiting { get; private init; } = 100_000;

    public int Loads { get; private init; } = 1000;

    public int Seed { get; private init; } = 1;

    public string? Model { get; private init; }

    /// <exception cref="FormatException">An argument is not known, or its value is not one; the message says which.</exception>
    public static SoakOptions Parse(IReadOnlyList<string> arguments)
    {
        SoakOptions options = new();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string name = arguments[i];
            string value = i + 1 < arguments.Count ? arguments[i + 1] : throw new FormatException($"'{name}' lacks its value.");
            options = name switch
            {
                "--calls" => options with { Calls = Number(name, value) },
                "--waiting" => options with { Waiting = Number(name, value) },
                "--loads" => options with { Loads = Number(name, value) },
                "--seed" => options with { Seed = Number(name, value) },
                "--model" => options with { Model = value },
                _ => throw new FormatException($"'{name}' is not known."),
            };
        }

        return options;
    }

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException($"'{name}' is '{value}': write a whole number, 0 or more.");
}
