using System.Text;
using MetaEol.Cli.Embedding;

namespace MetaEol.Cli.Tests.Embedding;

public class TableReaderTests
{
    [Theory]
    [InlineData("a,b\nc,d\n", "a|b;c|d")]
    [InlineData("a,b\r\nc,d", "a|b;c|d")]
    [InlineData("a,b\rc,d", "a|b;c|d")]
    [InlineData("\"a,1\",\"b \"\"q\"\"\"\nc,\"line\nbreak\"\n", "a,1|b \"q\";c|line\nbreak")]
    [InlineData("\n\na,\n\n,b\n", "a|;|b")]
    [InlineData("\"\",x\n", "|x")]
    [InlineData("it\"s,b\n", "it\"s|b")]
    [InlineData("", "")]
    public void Read_CommaSeparated_FollowsTheStandard(string text, string expected) => Assert.Equal(expected, Read(text, ','));

    [Fact]
    public void Read_TabSeparated_KnowsNoQuotes() => Assert.Equal("\"Hello,\" he said|2;\"|3", Read("\"Hello,\" he said\t2\n\"\t3\n", '\t'));

    [Fact]
    public void Read_Semicolons_AreASeparator() => Assert.Equal("a,5|b;c", Read("a,5;b\nc\n", ';'));

    [Theory]
    [InlineData("a\n\"b\nc\n", "line 2: a quote is opened and never closed")]
    [InlineData("a\nb,\"c\"d\n", "line 2: 'd' stands behind a closing quote")]
    public void Read_BrokenQuotes_AreNamedWithTheirLine(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ToolException>(() => Read(text, ',')).Message, StringComparison.Ordinal);

    [Fact]
    public void Line_OfARow_IsWhereItBegins()
    {
        using DecodedText text = Open("h\n\"a\nb\r\nc\"\n\nd\n");
        TableReader table = new(text, ',');
        List<int> lines = [];
        while (table.Read() is not null)
        {
            lines.Add(table.Line);
        }

        Assert.Equal([1, 2, 6], lines);
    }

    private static string Read(string content, char separator)
    {
        using DecodedText text = Open(content);
        TableReader table = new(text, separator);
        List<string> rows = [];
        while (table.Read() is { } row)
        {
            rows.Add(string.Join('|', row));
        }

        return string.Join(';', rows);
    }

    private static DecodedText Open(string content) => new(new MemoryStream(Encoding.UTF8.GetBytes(content)), null, new DecodingReport());
}
