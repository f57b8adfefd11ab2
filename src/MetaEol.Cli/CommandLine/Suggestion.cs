namespace MetaEol.Cli.CommandLine;

/// <summary>What somebody probably meant by a word that is not known.</summary>
internal static class Suggestion
{
    /// <summary>The closest of some words, or null if none is close.</summary>
    public static string? For(string typed, IEnumerable<string> known)
    {
        string plain = typed.TrimStart('-');
        int most = plain.Length switch { <= 3 => 1, <= 6 => 2, _ => plain.Length / 3 };
        return known
            .Where(word => word.TrimStart('-').Length > 1)
            .Select(word => (Word: word, Distance: IsBeginning(plain, word.TrimStart('-')) ? 0 : Distance(plain, word.TrimStart('-'))))
            .Where(candidate => candidate.Distance <= most)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Word)
            .FirstOrDefault();
    }

    /// <summary>Whether one word is the other's beginning, as <c>--temp</c> and <c>--output</c> are of what they stand for.</summary>
    private static bool IsBeginning(string first, string second) =>
        Math.Min(first.Length, second.Length) > 2 && (first.StartsWith(second, StringComparison.OrdinalIgnoreCase) || second.StartsWith(first, StringComparison.OrdinalIgnoreCase));

    /// <summary>Letters to add, to take away, to replace, or to swap with the next one (Damerau and Levenshtein's distance), whatever their case.</summary>
    public static int Distance(string first, string second)
    {
        // A word that long is no misspelt option, and the table below grows with the product.
        const int Longest = 100;
        if (first.Length > Longest || second.Length > Longest)
        {
            return int.MaxValue;
        }

        (first, second) = (first.ToUpperInvariant(), second.ToUpperInvariant());
        int[,] cost = new int[first.Length + 1, second.Length + 1];
        for (int i = 0; i <= first.Length; i++)
        {
            for (int j = 0; j <= second.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[first.Length, second.Length];
    }
}
