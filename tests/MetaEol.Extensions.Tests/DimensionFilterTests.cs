using System.ComponentModel;
using System.Text.Json;

namespace MetaEol.Extensions.Tests;

public class DimensionFilterTests
{
    [Theory]
    [InlineData("spectral", "spectral")]
    [InlineData(" Spectral ", "spectral")]
    [InlineData("spectral:0", "spectral:0")]
    [InlineData("spectral:512", "spectral:512")]
    [InlineData("random", "random")]
    [InlineData("random:0", "random")]
    [InlineData("RANDOM:-7", "random:-7")]
    [InlineData("off", "off")]
    public void Parse_Text_IsWrittenAgain(string text, string written)
    {
        DimensionFilter filter = DimensionFilter.Parse(text);
        Assert.Equal(written, filter.ToString());
        Assert.Equal(filter, DimensionFilter.Parse(written));
        Assert.Equal(filter, JsonSerializer.Deserialize<DimensionFilter>(JsonSerializer.Serialize(filter)));
        Assert.Equal(filter, TypeDescriptor.GetConverter(typeof(DimensionFilter)).ConvertFromInvariantString(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("on")]
    [InlineData("spectral:")]
    [InlineData("spectral:-1")]
    [InlineData("spectral:x")]
    [InlineData("spectral:1:2")]
    [InlineData("random:99999999999")]
    [InlineData("off:1")]
    public void Parse_OtherText_SaysWhatIsAccepted(string text)
    {
        Assert.Contains("write spectral", Assert.Throws<FormatException>(() => DimensionFilter.Parse(text)).Message, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DimensionFilter>(JsonSerializer.Serialize(text)));
        Assert.False(DimensionFilter.TryParse(null, null, out _));
    }

    [Fact]
    public void Default_IsTheSpectralFilterInTheMiddle()
    {
        Assert.Equal(DimensionFilter.Spectral, default);
        Assert.Equal((DimensionFilterKind.Spectral, null), (DimensionFilter.Spectral.Kind, DimensionFilter.Spectral.Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => DimensionFilter.SpectralFrom(-1));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DimensionFilter>("1"));
    }
}
