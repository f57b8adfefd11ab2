using System.Text;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
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
                "Dimensions": 128,
                "Filter": "spectral:10",
                "CacheFolder": "caches/one",
                "TokenPrepending": true,
                "TokenPrependingEnd": "50%",
                "Normalize": false,
                "CleanText": false,
                "MaxTextTokens": 256,
                "TextOverflow": "truncate",
                "SpecialTokens": "recognize",
                "CallTokens": 4096,
                "MaxWaitingTokens": 5000000000,
                "Cpu": {
                  "Threads": 2,
                  "StepRows": 1024,
                  "PassBytes": 1000000,
                  "PrefixCacheBytes": 1073741824,
                  "PrefixCachePath": "caches/prefixes",
                  "SharePrefixes": false,
                  "Precision": "Int8",
                  "FastestMaximumError": 0.25,
                  "EmittedKernels": false
                },
                "ModelId": "demo"
              }
            }
            """);
        Assert.Equal(TestPaths.DemoModel, options.ModelPath);
        Assert.Equal("metaeol/emotion", options.TemplateSet.Name);
        Assert.Equal(LayerSelector.FromDepth(0.75), options.Layer);
        Assert.Equal((128, DimensionFilter.SpectralFrom(10)), (options.Dimensions, options.Filter));
        Assert.Equal(Path.GetFullPath("caches/one"), options.CacheFolder);
        Assert.Equal((true, LayerSelector.FromDepth(0.5)), (options.TokenPrepending, options.TokenPrependingEnd));
        Assert.False(options.Normalize);
        Assert.False(options.CleanText);
        Assert.Equal(256, options.MaxTextTokens);
        Assert.Equal(TextOverflow.Truncate, options.TextOverflow);
        Assert.Equal(SpecialTokenHandling.Recognize, options.SpecialTokens);
        Assert.Equal(4096, options.CallTokens);
        Assert.Equal(5_000_000_000, options.MaxWaitingTokens);
        Assert.Equal(
            new CpuEncoderOptions
            {
                Threads = 2,
                StepRows = 1024,
                PassBytes = 1_000_000,
                PrefixCacheBytes = 1L << 30,
                PrefixCachePath = "caches/prefixes",
                SharePrefixes = false,
                Precision = Precision.Int8,
                FastestMaximumError = 0.25,
                EmittedKernels = false,
            },
            options.Cpu);
        Assert.Equal("demo", options.ModelId);

        // An option added later must be added here too.
        Assert.Equal(17, typeof(MetaEolOptions).GetProperties().Length);
        Assert.Equal(9, typeof(CpuEncoderOptions).GetProperties().Length);
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
        Assert.Same(TemplateSet.MetaEol, options.TemplateSet);
        Assert.Equal(LayerSelector.Last, options.Layer);
        Assert.Null(options.Dimensions);
        Assert.Equal(DimensionFilter.Spectral, options.Filter);
        Assert.Null(options.CacheFolder);
        Assert.True(options.Normalize);
        Assert.True(options.CleanText);
        Assert.Null(options.MaxTextTokens);
        Assert.Equal(TextOverflow.Error, options.TextOverflow);
        Assert.Equal(SpecialTokenHandling.PlainText, options.SpecialTokens);
        Assert.Null(options.CallTokens);
        Assert.Equal(1L << 26, options.MaxWaitingTokens);
        Assert.Equal(new CpuEncoderOptions(), options.Cpu);
    }

    [Theory]
    [InlineData("Layr", "\"-1\"", "MetaEol:Layr is not an option: here stand ModelPath, TemplateSet, Layer")]
    [InlineData("Layer", "\"top\"", "MetaEol:Layer is 'top': 'top' is not a layer: write an index into hidden_states such as '24'")]
    [InlineData("Layer", "\"abc\"", "or 'last'")]
    [InlineData("Layer", "{ \"Index\": 3 }", "MetaEol:Layer is a section: write one value")]
    [InlineData("SpecialTokens", "\"ignore\"", "MetaEol:SpecialTokens is 'ignore': write Recognize or PlainText")]
    [InlineData("TextOverflow", "\"cut\"", "MetaEol:TextOverflow is 'cut': write Error or Truncate")]
    [InlineData("Normalize", "\"perhaps\"", "MetaEol:Normalize is 'perhaps': write true or false")]
    [InlineData("MaxTextTokens", "\"many\"", "MetaEol:MaxTextTokens is 'many': write a whole number up to 2147483647")]
    [InlineData("CallTokens", "99999999999", "MetaEol:CallTokens is '99999999999': write a whole number up to 2147483647")]
    [InlineData("Cpu", "\"fast\"", "MetaEol:Cpu is 'fast': it is a section with Threads, StepRows")]
    [InlineData("Cpu", "{ \"Precision\": \"Float99\" }", "MetaEol:Cpu:Precision is 'Float99': write Float32 or Int8 or BFloat16 or Fastest")]
    [InlineData("Cpu", "{ \"FastestMaximumError\": \"little\" }", "MetaEol:Cpu:FastestMaximumError is 'little': write a number such as 0.01")]
    [InlineData("Cpu", "{ \"Threads\": \"many\" }", "MetaEol:Cpu:Threads is 'many': write a whole number")]
    [InlineData("Cpu", "{ \"Cores\": 2 }", "MetaEol:Cpu:Cores is not an option: here stand Threads")]
    [InlineData("Filter", "\"narrow\"", "MetaEol:Filter is 'narrow': 'narrow' is not a filter: write spectral, spectral:512")]
    [InlineData("Dimensions", "\"few\"", "MetaEol:Dimensions is 'few': write a whole number")]
    [InlineData("Threads", "2", "MetaEol:Threads has moved: write \"Cpu\": { \"Threads\"")]
    [InlineData("MicroBatchTokens", "2", "MetaEol:MicroBatchTokens has moved: write \"Cpu\": { \"StepRows\"")]
    [InlineData("PrefixCacheBytes", "2", "MetaEol:PrefixCacheBytes has moved: write \"Cpu\": { \"PrefixCacheBytes\"")]
    [InlineData("Precision", "\"Int8\"", "MetaEol:Precision has moved: write \"Cpu\": { \"Precision\"")]
    [InlineData("CustomTemplateSet", "\"x\"", "MetaEol:CustomTemplateSet has moved: write \"TemplateSet\"")]
    public void Bind_UnknownKeyOrValue_SaysWhatIsAccepted(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<OptionsValidationException>(() => Bind(With(key, value))).Message);

    [Fact]
    public void Bind_NullAndEmptyValues_SayNothing()
    {
        MetaEolOptions options = Bind("""{ "MetaEol": { "ModelPath": "X", "MaxTextTokens": "", "CallTokens": null, "Layer": null, "Cpu": null } }""".Replace("X", TestPaths.DemoModel.Replace("\\", "/")));
        Assert.Null(options.MaxTextTokens);
        Assert.Null(options.CallTokens);
        Assert.Equal(LayerSelector.Last, options.Layer);
        Assert.Equal(new CpuEncoderOptions(), options.Cpu);
    }

    [Theory]
    [InlineData("ModelPath", "\"no/such/folder\"", "There is no folder")]
    [InlineData("ModelPath", "\"\"", "ModelPath is missing")]
    [InlineData("ModelPath", "\".\"", "holds no config.json")]
    [InlineData("ModelPath", "\"a\\u0000b\"", "ModelPath is 'a\\0b'. It holds a character that no path has")]
    [InlineData("TemplateSet", "\"meta\"", "write 'metaeol', 'prompteol', 'essence', 'duo' or 'retrieval'")]
    [InlineData("TemplateSet", "\"metaeol/mood\"", "'emotion'")]
    [InlineData("TemplateSet", "\"\"", "write 'metaeol', 'prompteol', 'essence', 'duo' or 'retrieval'")]
    [InlineData("TemplateSet", "\"a\\u0000b\"", "MetaEol:TemplateSet is 'a\\0b': There is no template set 'a\\0b'")]
    [InlineData("MaxTextTokens", "0", "MaxTextTokens is 0: write 1 or more")]
    [InlineData("CallTokens", "0", "CallTokens is 0: write 1 or more")]
    [InlineData("MaxWaitingTokens", "0", "MaxWaitingTokens is 0: write 1 or more")]
    [InlineData("Dimensions", "0", "Dimensions is 0: write 1 or more")]
    [InlineData("Dimensions", "257", "gives vectors of 256 dimensions: write 1 to 256")]
    [InlineData("CacheFolder", "\" \"", "CacheFolder is ' ': write the path of a folder")]
    [InlineData("TextOverflow", "7", "write Error or Truncate")]
    [InlineData("SpecialTokens", "7", "write Recognize or PlainText")]
    [InlineData("Layer", "99", "Layer 99 is not in this model: its hidden_states has 5 entries")]
    [InlineData("Cpu", "{ \"Threads\": -1 }", "Cpu:Threads is -1: write 1 to 1024")]
    [InlineData("Cpu", "{ \"Threads\": 2147483647 }", "Cpu:Threads is 2147483647: write 1 to 1024")]
    [InlineData("Cpu", "{ \"StepRows\": 0 }", "Cpu:StepRows is 0: write 1 or more")]
    [InlineData("Cpu", "{ \"PrefixCachePath\": \" \" }", "Cpu:PrefixCachePath is ' ': write the path of a folder")]
    [InlineData("Cpu", "{ \"PrefixCachePath\": \"a\\u0000b\" }", "Cpu:PrefixCachePath is 'a\\0b': write the path of a folder")]
    [InlineData("Cpu", "{ \"PassBytes\": 0 }", "Cpu:PassBytes is 0: write 1 or more")]
    [InlineData("Cpu", "{ \"PrefixCacheBytes\": -1 }", "write 0 (no cache) or more")]
    [InlineData("Cpu", "{ \"FastestMaximumError\": 0 }", "Cpu:FastestMaximumError is 0: write a number above 0")]
    [InlineData("Cpu", "{ \"FastestMaximumError\": \"NaN\" }", "Cpu:FastestMaximumError is NaN: write a number above 0")]
    [InlineData("Cpu", "{ \"Precision\": 9 }", "Cpu:Precision is 9: write Float32 or Int8")]
    [InlineData("ModelId", "\" \"", "ModelId is blank")]
    public void Validate_BadValue_SaysWhatToWrite(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<OptionsValidationException>(() => Bind(With(key, value))).Message);

    [Fact]
    public void Validate_SeveralBadValues_NamesAll()
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => Bind("""{ "MetaEol": { "Cpu": { "Threads": 0 }, "MaxTextTokens": -3, "TemplateSet": "meta", "Layr": 1 } }"""));
        Assert.Equal(5, e.Failures.Count());
    }

    [Fact]
    public void Validate_HundredsOfBadValues_NamesSomeAndCountsTheRest()
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => Bind($$"""{ "MetaEol": { {{string.Join(", ", Enumerable.Range(0, 300).Select(i => $"\"Layr{i}\": 1"))}} } }"""));
        Assert.Contains("MetaEol:Layr", e.Message, StringComparison.Ordinal);
        Assert.Contains("There are 280 more such mistakes.", e.Failures);
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
