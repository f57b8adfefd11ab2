using MetaEol.Fuzz.Mutation;

namespace MetaEol.Fuzz.Running;

/// <summary>A parser under attack: where its inputs come from, how one is run, and what it may throw.</summary>
/// <remarks>One object lives in one worker process and runs its inputs one after another. What costs time belongs into the first run, not into the constructor.</remarks>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>The name on the command line, and the folder of its cases.</summary>
    public abstract string Name { get; }

    /// <summary>What an input is given: CPU time, and wall-clock time where it only waits.</summary>
    public virtual TimeSpan TimeLimit => TimeSpan.FromSeconds(4);

    /// <summary>Most bytes that one input may allocate, all together.</summary>
    public virtual long AllocationLimit => 256L << 20;

    /// <summary>The ways in which inputs are made.</summary>
    protected abstract IReadOnlyList<IMutator> Mutators { get; }

    /// <summary>Makes an input.</summary>
    public byte[] Create(FuzzRandom random) => random.Pick(Mutators).Create(random);

    /// <summary>The unchanged inputs that mutations start from: all of them have to run without an exception.</summary>
    public IEnumerable<byte[]> Seeds => Mutators.SelectMany(mutator => mutator.Seeds);

    /// <summary>Runs an input; throws what the parser throws, and a <see cref="DifferenceException"/> where a result cannot be right.</summary>
    public abstract void Run(byte[] input);

    /// <summary>Whether the documentation of the parser names the exception.</summary>
    public abstract bool IsDocumented(Exception exception);

    public virtual void Dispose()
    {
    }
}
