// Embeds a text with options that stand in appsettings.json alone. With a path that does not exist it writes the vector there, with one that does it compares:
// so the application as it is built tells the trimmed one and the native one what is right.
using System.Runtime.InteropServices;
using MetaEol.Extensions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Services.AddMetaEolEmbeddings();
using IHost host = builder.Build();

MetaEolOptions options = host.Services.GetRequiredService<IOptions<MetaEolOptions>>().Value;
Console.WriteLine($"{options.ModelPath} {options.TemplateSet.Name} {options.Layer} {options.Normalize} {options.MaxTextTokens} {options.SpecialTokens} {options.Cpu.Threads} {options.Cpu.FastestMaximumError:0.00} {options.Cpu.PassBytes}");

var generator = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
ReadOnlyMemory<float> vector = await generator.GenerateVectorAsync("Two dogs run through the snow.");
if (!File.Exists(args[0]))
{
    File.WriteAllBytes(args[0], MemoryMarshal.AsBytes(vector.Span));
    return 0;
}

float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(args[0])).ToArray();
double error = Math.Sqrt(expected.Zip(vector.ToArray(), (e, v) => (double)(e - v) * (e - v)).Sum() / expected.Sum(e => (double)e * e));
Console.WriteLine($"relative error {error:0.0e+00}");
return expected.Length == vector.Length && error < 1e-5 ? 0 : 1;
