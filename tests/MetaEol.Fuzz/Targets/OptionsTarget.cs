using System.Text;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace MetaEol.Fuzz.Targets;

/// <summary>The configuration section: binding, validation at start, and what valid options then do to a text.</summary>
internal sealed class OptionsTarget : FuzzTarget
{
    private static readonly byte[][] Sections =
    [
        """{"ModelPath":"tiny","TemplateSet":"prompteol","Layer":"-1","Normalize":"true","CleanText":"false","MaxTextTokens":"12","TextOverflow":"Truncate","SpecialTokens":"Recognize","CallTokens":"64","MaxWaitingTokens":"100","ModelId":"m"}"""u8.ToArray(),
        """{"ModelPath":"tiny","TemplateSet":"metaeol/emotion","Layer":"50%","Cpu":{"Threads":"2","StepRows":"7","PassBytes":"100000","PrefixCacheBytes":"0","SharePrefixes":"false","Precision":"Int8","FastestMaximumError":"0.01","EmittedKernels":"false"}}"""u8.ToArray(),
        """{"ModelPath":"tiny","TemplateSet":"own.json#b"}"""u8.ToArray(),
    ];

    private readonly TemporaryFolder _root = new();
    private bool _ready;

    public override string Name => "options";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator(Sections, ["tiny", "own.json", "own.json#c", "prompteol", "metaeol/x", "\0", "1", "0", "-1", "2147483647", "9223372036854775807", "1e9", "NaN", "true", "Int8", "BFloat16", "Fastest", "99", "Error", "3", "a/b@main"], ["\"2147483647\"", "\"1\"", "\"9223372036854775807\"", "\"Fastest\""]),
    ];

    public override void Run(byte[] input)
    {
        if (!_ready)
        {
            Prepare();
        }

        IConfigurationRoot configuration;
        try
        {
            configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream([.. "{\"MetaEol\":"u8, .. input, .. "}"u8])).Build();
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or InvalidOperationException or JsonException)
        {
            // No JSON, or keys that stand twice: the provider's to refuse.
            return;
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddSingleton<IHostEnvironment>(new HostingEnvironment { ContentRootPath = _root.Path });
        services.AddMetaEolEmbeddings();
        using ServiceProvider provider = services.BuildServiceProvider();
        MetaEolOptions options = provider.GetRequiredService<IOptionsMonitor<MetaEolOptions>>().CurrentValue;
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        ReadOnlySpan<float> vector = generator.GenerateAsync(["Two dogs run."]).GetAwaiter().GetResult()[0].Vector.Span;
        double squares = 0;
        foreach (float x in vector)
        {
            squares += (double)x * x;
        }

        DifferenceException.Unless(options.Normalize ? Math.Abs(squares - 1) < 1e-4 : double.IsFinite(squares) && squares > 0, "A vector is not of length 1.");
    }

    // A text that is too long, and a precision that this machine lacks, show with the first text.
    public override bool IsDocumented(Exception exception) => exception is OptionsValidationException or PlatformNotSupportedException || (exception is ArgumentException and not (ArgumentNullException or ArgumentOutOfRangeException) && exception.Message.Contains("token", StringComparison.Ordinal));

    public override void Dispose()
    {
        _root.Dispose();
        base.Dispose();
    }

    private void Prepare()
    {
        SmallModel.Llama.Write(_root["tiny"]);
        File.WriteAllBytes(_root["tiny", "tokenizer.json"], TokenizerSeeds.Json[1]);
        File.WriteAllText(_root["own.json"], """{"name":"own","templates":[{"name":"b","text":"B {text}"},{"name":"c","text":"C {text}","weight":3}]}""", Encoding.UTF8);
        _ready = true;
    }
}
