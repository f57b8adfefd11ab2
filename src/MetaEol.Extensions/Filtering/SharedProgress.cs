using MetaEol.Llama.Filtering;

namespace MetaEol.Extensions.Filtering;

/// <summary>Passes the progress of a computation on to all who wait for it.</summary>
internal sealed class SharedProgress : IProgress<FilterProgress>
{
    private readonly Lock _gate = new();
    private readonly List<IProgress<FilterProgress>> _followers = [];

    /// <summary>Passes progress on until what is returned is disposed.</summary>
    public IDisposable Follow(IProgress<FilterProgress>? follower)
    {
        lock (_gate)
        {
            if (follower is not null)
            {
                _followers.Add(follower);
            }
        }

        return new Following(this, follower);
    }

    public void Report(FilterProgress value)
    {
        IProgress<FilterProgress>[] followers;
        lock (_gate)
        {
            followers = [.. _followers];
        }

        foreach (IProgress<FilterProgress> follower in followers)
        {
            follower.Report(value);
        }
    }

    private sealed class Following(SharedProgress owner, IProgress<FilterProgress>? follower) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._gate)
            {
                if (follower is not null)
                {
                    owner._followers.Remove(follower);
                }
            }
        }
    }
}
