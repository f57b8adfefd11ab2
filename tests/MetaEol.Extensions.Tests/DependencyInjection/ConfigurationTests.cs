using System.Text;
using MetaEol.Llama.Encoding;
using MetaEol.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.Tests.DependencyInjection;

public class ConfigurationTests
{
    [Fact]
    public void Bind_AppSettings_SetsEveryOption()
    {
        MetaEolOptions options = Bind($$"""
            {
              "MetaEol": {
                "ModelPath": {{System.Text.Json.JsonSerializer.Serialize(TestPaths.DemoModel)}},
                "TemplateSet": "metaeol/emotion",
                "Layer": "75%",
                "Normalize": false,
                "CleanText": false,
                "MaxTextTokens": 256,
                "TextOverflow": "truncate",
                "Threads": 2,
                "MicroBatchTokens": 1024,
                "PrefixCacheBytes": 1073741824,
                "Precision": "Int8",
                "ModelId": "demo"
              }
            }
            """);
        Assert.Equal(TestPaths.DemoModel, options.ModelPath);
        Assert.Equal("metaeol/emotion", options.TemplateSet);
        Assert.Equal(LayerSelector.FromDepth(0.75), options.Layer);
        Assert.False(options.Normalize);
        Assert.False(options.CleanText);
        Assert.Equal(256, options.MaxTextTokens);
        Assert.Equal(TextOverflow.Truncate, options.TextOverflow);
        Assert.Equal(2, options.Threads);
        Assert.Equal(1024, options.MicroBatchTokens);
        Assert.Equal(1L << 30, options.PrefixCacheBytes);
        Assert.Equal(Precision.Int8, options.Precision);
        Assert.Equal("demo", options.ModelId);

        // An option added later must be added here too.
        Assert.Equal(13, typeof(MetaEolOptions).GetProperties().Length);
    }

    [Theory]
    [InlineData("-2", -2)]
    [InlineData("\"-2\"", -2)]
    [InlineData("3", 3)]
    public void Bind_LayerAsNumberOrText_IsIndex(string json, int index) => Assert.Equal(index, Bind(With("Layer", json)).Layer.Index);

    [Fact]
    public void Bind_LayerAsFraction_IsDepth() => Assert.Equal(0.5, Bind(With("Layer", "0.5")).Layer.Depth);

    [Fact]
    public void Bind_Nothing_TakesDefaults()
    {
        MetaEolOptions options = Bind(With("ModelId", "\"x\""));
        Assert.Equal("metaeol", options.TemplateSet);
        Assert.Equal(LayerSelector.Last, options.Layer);
        Assert.True(options.Normalize);
        Assert.True(options.CleanText);
        Assert.Null(options.MaxTextTokens);
        Assert.Equal(TextOverflow.Error, options.TextOverflow);
        Assert.Null(options.Threads);
        Assert.Equal(new CpuEncoderOptions().StepRows, options.MicroBatchTokens);
        Assert.Equal(new CpuEncoderOptions().PrefixCacheBytes, options.PrefixCacheBytes);
        Assert.Equal(Precision.Float32, options.Precision);
    }

    [Theory]
    [InlineData("Layr", "\"-1\"", "Layr")]
    [InlineData("Layer", "\"top\"", "Layer")]
    [InlineData("Precision", "\"Float99\"", "Precision")]
    [InlineData("Threads", "\"many\"", "Threads")]
    public void Bind_UnknownKeyOrValue_Fails(string key, string value, string named) =>
        Assert.Contains(named, Assert.ThrowsAny<InvalidOperationException>(() => Bind(With(key, value))).Message);

    [Theory]
    [InlineData("ModelPath", "\"no/such/folder\"", "there is no folder")]
    [InlineData("ModelPath", "\"\"", "ModelPath is missing")]
    [InlineData("ModelPath", "\".\"", "holds no config.json")]
    [InlineData("TemplateSet", "\"meta\"", "write 'metaeol' or 'prompteol'")]
    [InlineData("TemplateSet", "\"metaeol/mood\"", "'emotion'")]
    [InlineData("TemplateSet", "\"\"", "write 'metaeol' or 'prompteol'")]
    [InlineData("MaxTextTokens", "0", "MaxTextTokens is 0: write 1 or more")]
    [InlineData("TextOverflow", "7", "write Error or Truncate")]
    [InlineData("Threads", "-1", "Threads is -1: write 1 or more")]
    [InlineData("MicroBatchTokens", "0", "MicroBatchTokens is 0: write 1 or more")]
    [InlineData("PrefixCacheBytes", "-1", "write 0 (no cache) or more")]
    [InlineData("Precision", "9", "write Float32 or Int8")]
    [InlineData("ModelId", "\" \"", "ModelId is blank")]
    public void Validate_BadValue_SaysWhatToWrite(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<OptionsValidationException>(() => Bind(With(key, value))).Message);

    [Fact]
    public void Validate_SeveralBadValues_NamesAll()
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => Bind("""{ "MetaEol": { "Threads": 0, "MaxTextTokens": -3 } }"""));
        Assert.Equal(3, e.Failures.Count());
    }

    private static string With(string key, string value)
    {
        string path = System.Text.Json.JsonSerializer.Serialize(TestPaths.DemoModel);
        return key == "ModelPath" ? $$"""{ "MetaEol": { "ModelPath": {{value}} } }""" : $$"""{ "MetaEol": { "ModelPath": {{path}}, "{{key}}": {{value}} } }""";
    }

    private static MetaEolOptions Bind(string json)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var services = new ServiceCollection();
        services.AddMetaEolEmbeddings(configuration.GetSection("MetaEol"));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<MetaEolOptions>>().Value;
    }
}
