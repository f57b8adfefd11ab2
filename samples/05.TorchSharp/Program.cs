using System.Diagnostics;
using MetaEol.Extensions.TorchSharp;
using MetaEol.Samples.Torch;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// The same texts on libtorch and on the managed encoder: the vectors agree, the times do not.
// With --benchmark: tokens per second, and a line to send back. Settings come from appsettings.json and the command line: dotnet run -p:Cuda=true -- --TorchSharp:Device=cuda:0 --TorchSharp:Precision=BFloat16
bool benchmark = args.Contains("--benchmark");
args = [.. args.Where(arg => arg != "--benchmark")];
HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
IConfigurationSection metaEol = builder.Configuration.GetSection("MetaEol");
builder.Services.AddMetaEolEmbeddings(metaEol, serviceKey: "libtorch").UseTorchSharp(builder.Configuration.GetSection("TorchSharp"));
builder.Services.AddMetaEolEmbeddings(metaEol, serviceKey: "managed");
using IHost host = builder.Build();

string[] texts = [.. Enumerable.Range(1, 64).Select(i => $"Order {i} of {i * 7} bicycles was shipped to customer {i * 13} on time.")];
if (benchmark)
{
    TorchSharpOptions options = builder.Configuration.GetSection("TorchSharp").Get<TorchSharpOptions>() ?? new TorchSharpOptions();
    Benchmark.Run(Path.Combine(AppContext.BaseDirectory, metaEol["ModelPath"]!), options, texts);
    return;
}

GeneratedEmbeddings<Embedding<float>> onTorch = await EmbedAsync("libtorch");
GeneratedEmbeddings<Embedding<float>> onManaged = await EmbedAsync("managed");
double largest = onTorch.Zip(onManaged, (a, b) => a.Vector.ToArray().Zip(b.Vector.ToArray(), (x, y) => (double)Math.Abs(x - y)).Max()).Max();
Console.WriteLine($"largest difference of a number of the vectors: {largest:0.0e+0}");

async Task<GeneratedEmbeddings<Embedding<float>>> EmbedAsync(string key)
{
    var generator = host.Services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key);

    // The first call loads the model.
    await generator.GenerateAsync(texts[..2]);
    long start = Stopwatch.GetTimestamp();
    GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts);
    Console.WriteLine($"{key,-8} {texts.Length} texts in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    return embeddings;
}
