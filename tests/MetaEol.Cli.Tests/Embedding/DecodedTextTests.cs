using System.Text;
using MetaEol.Cli.Embedding;

namespace MetaEol.Cli.Tests.Embedding;

public class DecodedTextTests
{
    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb", "a|b")]
    [InlineData("a\rb\r", "a|b")]
    [InlineData("\n\n", "|")]
    [InlineData("", "")]
    public void ReadLine_EveryLineEnd_IsOne(string content, string expected) => Assert.Equal(expected, string.Join('|', Lines(Encoding.UTF8.GetBytes(content), null, out _)));

    [Fact]
    public void ReadLine_LongerThanTheBuffer_IsWhole()
    {
        string line = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i} "));
        Assert.Equal([line, "next"], Lines(Encoding.UTF8.GetBytes($"{line}\r\nnext"), null, out _));
    }

    [Fact]
    public void ReadLine_WithoutEnd_IsAnError() => Assert.Contains("is it a text file at all", Assert.Throws<ToolException>(() =>
    {
        using DecodedText text = new(new Zeros(), null, new DecodingReport());
        text.ReadLine();
    }).Message, StringComparison.Ordinal);

    [Fact]
    public void Unmark_BytesThatAreNone_AreCountedWithTheirPlace()
    {
        byte[] latin = [.. "fine\nV"u8, 0xF6, .. "gel\n"u8, .. Encoding.UTF8.GetBytes("a \uFFFD that stood there\n"), 0xFF, 0xFE, .. "x"u8];
        string[] lines = Lines(latin, null, out DecodingReport report);
        Assert.Equal(["fine", "V\uFFFDgel", "a \uFFFD that stood there", "\uFFFD\uFFFDx"], lines);
        Assert.Equal((2, "line 2"), (report.Undecodable, report.First));
        Assert.Contains("2 texts had bytes that are not utf-8 and were read as U+FFFD, the first in line 2; --encoding", report.Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void Encoding_Named_ReadsItsBytes()
    {
        Assert.Equal(["Vögel €"], Lines([.. "V"u8, 0xF6, .. "gel "u8, 0x80], DecodedText.Find("windows-1252"), out DecodingReport report));
        Assert.Null(report.Warning());
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void Encoding_MarkAtTheBeginning_Decides(string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        Assert.Equal(["Vögel 🐦", "b"], Lines([.. encoding.GetPreamble(), .. encoding.GetBytes("Vögel 🐦\nb\n")], null, out DecodingReport report));
        Assert.Null(report.Warning());
    }

    [Fact]
    public void Encoding_TwoBytesALetterWithoutMark_IsWarnedOf()
    {
        Lines(Encoding.Unicode.GetBytes("ab\nc\n"), null, out DecodingReport report);
        Assert.Contains("had zero characters, the first in line 1, as text in another encoding than utf-8 has", report.Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void Encoding_MarkThenHalfAPair_IsWarnedOf()
    {
        Lines([0xFF, 0xFE, (byte)'a', 0, 0x00, 0xD8, (byte)'b', 0], null, out DecodingReport report);
        Assert.Contains("bytes that are not utf-16", report.Warning(), StringComparison.Ordinal);
    }

    private static string[] Lines(byte[] bytes, Encoding? encoding, out DecodingReport report)
    {
        report = new DecodingReport();
        using DecodedText text = new(new MemoryStream(bytes), encoding, report);
        List<string> lines = [];
        while (text.ReadLine() is { } line)
        {
            lines.Add(text.Unmark(line, $"line {lines.Count + 1}"));
        }

        return [.. lines];
    }

    private sealed class Zeros : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'0');
            return count;
        }

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'0');
            return buffer.Length;
        }
    }
}
