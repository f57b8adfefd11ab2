namespace MetaEol.Tests;

/// <summary>A clock for fake devices on which every call takes one step: throughput is counted in steps, so that it does not depend on the machine.</summary>
internal sealed class StepClock
{
    private readonly object _gate = new();
    private TaskCompletionSource _step = new();
    private int _busy;

    /// <summary>What a device does in a call: it waits for the end of the step.</summary>
    public void Work()
    {
        Task step;
        lock (_gate)
        {
            _busy++;
            step = _step.Task;
            Monitor.PulseAll(_gate);
        }

        step.Wait();
    }

    /// <summary>Lets a number of calls be done by devices that are all busy in every step, but for the last; returns the steps.</summary>
    public int Run(int calls, int devices)
    {
        int steps = 0;
        for (int done = 0; done < calls; steps++)
        {
            TaskCompletionSource step;
            lock (_gate)
            {
                int expected = Math.Min(devices, calls - done);
                while (_busy < expected)
                {
                    Assert.True(Monitor.Wait(_gate, Patience.Hang), $"Only {_busy} of {expected} devices are busy after {done} of {calls} calls.");
                }

                done += _busy;
                _busy = 0;
                step = _step;
                _step = new TaskCompletionSource();
            }

            step.SetResult();
        }

        return steps;
    }
}
