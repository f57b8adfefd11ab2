using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MetaEol.Fuzz.Running;

/// <summary>Runs one input in this process and judges what it does, but for what ends the process or never ends: that, only another process can tell.</summary>
internal static partial class InputRunner
{
    /// <summary>Runs an input; null if it did nothing wrong.</summary>
    public static Finding? Run(FuzzTarget target, byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
        catch (DifferenceException exception)
        {
            return new Finding(FindingKind.Difference, Digits().Replace(exception.Message, "#"), exception.ToString());
        }
        catch (Exception exception) when (target.IsDocumented(exception))
        {
            if (!Refusal.IsReadable(exception))
            {
                return new Finding(FindingKind.Exception, $"message of {exception.GetType().Name} at {Place(exception)}", $"A message of {exception.Message.Length} characters: {exception.Message[..500]}");
            }
        }
        catch (Exception exception)
        {
            return new Finding(FindingKind.Exception, $"{exception.GetType().Name} at {Place(exception)}", exception.ToString());
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= target.AllocationLimit
            ? null
            : new Finding(FindingKind.Memory, "allocates", $"{allocated:N0} bytes are allocated for an input of {input.Length:N0}; the limit is {target.AllocationLimit:N0}.");
    }

    /// <summary>The innermost method of this repository's that was running.</summary>
    private static string Place(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            string? frame = new StackTrace(cause).GetFrames()
                .Select(frame => frame.GetMethod() is { DeclaringType.FullName: { } type } method ? $"{type}.{method.Name}" : null)
                .FirstOrDefault(name => name?.StartsWith("MetaEol.", StringComparison.Ordinal) == true && !name.StartsWith("MetaEol.Fuzz.", StringComparison.Ordinal));
            if (frame is not null)
            {
                return frame;
            }
        }

        return "an unknown place";
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
