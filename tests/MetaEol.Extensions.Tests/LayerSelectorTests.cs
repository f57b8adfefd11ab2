using System.ComponentModel;
using System.Globalization;
using System.Text.Json;

namespace MetaEol.Extensions.Tests;

public class LayerSelectorTests
{
    [Theory]
    [InlineData("-1", 32, 32)]
    [InlineData("-2", 32, 31)]
    [InlineData("-33", 32, 0)]
    [InlineData("0", 32, 0)]
    [InlineData("24", 32, 24)]
    [InlineData("+3", 32, 3)]
    [InlineData("1", 32, 1)]
    [InlineData("75%", 32, 24)]
    [InlineData("0.75", 32, 24)]
    [InlineData("1.0", 32, 32)]
    [InlineData("0.0", 32, 0)]
    [InlineData("100 %", 32, 32)]
    [InlineData("62.5%", 4, 3)]
    [InlineData(" last ", 5, 5)]
    [InlineData("LAST", 5, 5)]
    public void Parse_AcceptedText_ResolvesToIndex(string text, int layers, int expected) => Assert.Equal(expected, LayerSelector.Parse(text).Resolve(layers));

    [Theory]
    [InlineData("")]
    [InlineData("first")]
    [InlineData("1.5")]
    [InlineData("101%")]
    [InlineData("-10%")]
    [InlineData("NaN")]
    [InlineData("0,75")]
    [InlineData("2147483647")]
    public void Parse_OtherText_SaysWhatIsAccepted(string text)
    {
        FormatException e = Assert.Throws<FormatException>(() => LayerSelector.Parse(text));
        Assert.Contains($"'{text}'", e.Message);
        Assert.Contains("75%", e.Message);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-6)]
    [InlineData(int.MinValue)]
    public void Resolve_IndexOutsideModel_NamesRange(int index)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => LayerSelector.FromIndex(index).Resolve(4));
        Assert.Contains("-5 .. 4", e.Message);
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void FromDepth_OutsideZeroToOne_Throws(double depth) => Assert.Throws<ArgumentOutOfRangeException>(() => LayerSelector.FromDepth(depth));

    [Fact]
    public void Default_IsLastEntry()
    {
        Assert.Equal(LayerSelector.Last, default);
        Assert.Equal(-1, default(LayerSelector).Index);
        Assert.Equal(LayerSelector.Last, (LayerSelector)(-1));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("7")]
    [InlineData("0.75")]
    [InlineData("1.0")]
    [InlineData("0.0")]
    [InlineData("0.3333333333333333")]
    public void ToString_ParsesBackToTheSame(string text)
    {
        LayerSelector layer = LayerSelector.Parse(text);
        Assert.Equal(text, layer.ToString());
        Assert.Equal(layer, LayerSelector.Parse(layer.ToString()));
        Assert.Equal(layer, JsonSerializer.Deserialize<LayerSelector>(JsonSerializer.Serialize(layer)));
    }

    [Fact]
    public void DepthOne_AndIndexOne_Differ()
    {
        Assert.NotEqual(LayerSelector.FromDepth(1), LayerSelector.FromIndex(1));
        Assert.True(LayerSelector.FromDepth(0) != LayerSelector.FromIndex(0));
    }

    [Fact]
    public void TypeConverter_ReadsTextInAnyCulture()
    {
        TypeConverter converter = TypeDescriptor.GetConverter(typeof(LayerSelector));
        Assert.Equal(LayerSelector.FromDepth(0.75), converter.ConvertFrom(null, CultureInfo.GetCultureInfo("de-DE"), "0.75"));
    }

    [Theory]
    [InlineData("-2", -2)]
    [InlineData("3", 3)]
    public void Json_Number_IsIndex(string json, int index) => Assert.Equal(index, JsonSerializer.Deserialize<LayerSelector>(json).Index);

    [Theory]
    [InlineData("true")]
    [InlineData("\"top\"")]
    [InlineData("7.5")]
    public void Json_Other_Throws(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LayerSelector>(json));
}
