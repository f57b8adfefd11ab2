namespace MetaEol.Llama.Tests;

/// <summary>Prompt sets with shared beginnings of every length, duplicates, prompts that begin others, and prompts of one token.</summary>
internal static class RandomPrompts
{
    public static ReadOnlyMemory<int>[] Create(Random random, int vocabulary, int maximumCount, int maximumLength)
    {
        var prompts = new List<int[]>();
        int count = random.Next(1, maximumCount + 1);
        while (prompts.Count < count)
        {
            int[]? other = prompts.Count > 0 ? prompts[random.Next(prompts.Count)] : null;
            int[] fresh = [.. Enumerable.Range(0, random.Next(1, maximumLength + 1)).Select(_ => random.Next(vocabulary))];
            prompts.Add(random.Next(8) switch
            {
                0 when other is not null => [.. other],
                1 when other is not null => other[..random.Next(1, other.Length + 1)],
                2 or 3 or 4 when other is not null => [.. ((int[])[.. other[..random.Next(other.Length)], .. fresh])[..Math.Min(maximumLength, fresh.Length)]],
                5 when other is not null && other.Length < maximumLength => [.. other, random.Next(vocabulary)],
                6 => [random.Next(vocabulary)],
                _ => fresh,
            });
        }

        return [.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))];
    }
}
