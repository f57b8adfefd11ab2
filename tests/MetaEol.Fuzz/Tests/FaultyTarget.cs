using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Tests;

/// <summary>A parser with every fault there is, each for a letter in its input: what the fuzzer has to find.</summary>
internal sealed class FaultyTarget : FuzzTarget
{
    /// <summary>Its name, which is not among those of the targets.</summary>
    public const string TargetName = "faulty";

    public override string Name => TargetName;

    public override TimeSpan TimeLimit => TimeSpan.FromSeconds(1);

    public override long AllocationLimit => 1 << 20;

    protected override IReadOnlyList<IMutator> Mutators { get; } = [new ByteMutator(["fine"u8.ToArray()])];

    public override void Run(byte[] input)
    {
        if (input.Contains((byte)'E'))
        {
            throw new InvalidOperationException("E");
        }

        if (input.Contains((byte)'F'))
        {
            throw new FormatException("F, as documented");
        }

        if (input.Contains((byte)'D'))
        {
            throw new DifferenceException("D");
        }

        if (input.Contains((byte)'L'))
        {
            throw new FormatException(new string('L', 10_000));
        }

        if (input.Contains((byte)'M'))
        {
            GC.KeepAlive(new byte[2 << 20]);
        }

        if (input.Contains((byte)'H'))
        {
            while (true)
            {
                Thread.SpinWait(100);
            }
        }

        if (input.Contains((byte)'S'))
        {
            Recurse(0);
        }
    }

    public override bool IsDocumented(Exception exception) => exception is FormatException;

    private static int Recurse(int depth) => Recurse(depth + 1) + 1;
}
