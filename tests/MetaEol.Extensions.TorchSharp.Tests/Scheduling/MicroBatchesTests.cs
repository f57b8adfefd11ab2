using MetaEol.Extensions.TorchSharp.Scheduling;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Tests.Scheduling;

public class MicroBatchesTests
{
    [Fact]
    public void Cut_AnyBudget_StaysWithinItAsThePlannerCounts()
    {
        var random = new Random(2);
        int[] prefix = [.. Enumerable.Range(0, 30).Select(_ => random.Next(50))];
        ReadOnlyMemory<int>[] prompts =
            [.. Enumerable.Range(0, 200).Select(_ => new ReadOnlyMemory<int>([.. prefix.AsSpan(0, random.Next(30)), .. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(50))]))];
        foreach (int budget in (int[])[1, 40, 300, 100_000])
        {
            var batches = new MicroBatches(prompts, length => length > 40 ? length : 0);
            Assert.Equal(Enumerable.Range(0, prompts.Length), batches.Order.ToArray().Order());
            int begin = 0;
            while (begin < batches.Count)
            {
                int end = batches.Cut(begin, budget);
                ReadOnlyMemory<int>[] chosen = [.. batches.Order[begin..end].ToArray().Select(i => prompts[i])];
                var plan = EncodePlan.Create(chosen, rotaryKey: length => length > 40 ? length : 0);
                Assert.True(end == begin + 1 || plan.TokensComputed <= budget, $"{plan.TokensComputed} rows for a budget of {budget}");
                begin = end;
            }
        }
    }
}
