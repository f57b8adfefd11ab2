using System.Diagnostics;

namespace MetaEol.Fuzz.Running;

/// <summary>Makes an input smaller as long as it does the same: first whole stretches are left out, then bytes are made plain.</summary>
internal static class Minimizer
{
    /// <summary>The smallest input found within the time.</summary>
    /// <param name="input">The input.</param>
    /// <param name="isSame">Whether another input does the same.</param>
    /// <param name="patience">How long to try.</param>
    public static byte[] Minimize(byte[] input, Func<byte[], bool> isSame, TimeSpan patience)
    {
        var watch = Stopwatch.StartNew();
        for (bool smaller = true; smaller && watch.Elapsed < patience;)
        {
            smaller = false;
            for (int length = Math.Max(1, input.Length / 2); length >= 1 && watch.Elapsed < patience; length /= 2)
            {
                for (int start = 0; start < input.Length && watch.Elapsed < patience;)
                {
                    byte[] shorter = [.. input[..start], .. input[Math.Min(start + length, input.Length)..]];
                    if (isSame(shorter))
                    {
                        (input, smaller) = (shorter, true);
                    }
                    else
                    {
                        start += length;
                    }
                }
            }
        }

        for (int i = 0; i < input.Length && watch.Elapsed < patience; i++)
        {
            if (input[i] is (byte)'a' or (byte)' ' or (byte)'0')
            {
                continue;
            }

            foreach (byte plain in "a0 "u8)
            {
                byte[] plainer = [.. input];
                plainer[i] = plain;
                if (isSame(plainer))
                {
                    input = plainer;
                    break;
                }
            }
        }

        return input;
    }
}
