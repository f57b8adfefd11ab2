using MetaEol.Samples.SwapProvider;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.VectorData;

// Which provider embeds stands in appsettings.json ("Embeddings:Provider") and nowhere else.
string question = args.FirstOrDefault(arg => !arg.StartsWith('-')) ?? "How do I ride a bike in the dark?";
HostApplicationBuilder builder = Host.CreateApplicationBuilder(
    new HostApplicationBuilderSettings { Args = [.. args.Where(arg => arg.StartsWith('-'))], ContentRootPath = AppContext.BaseDirectory });
IConfigurationSection embeddings = builder.Configuration.GetSection("Embeddings");
builder.Services.AddConfiguredEmbeddings(embeddings);
builder.Services.AddSqliteVectorStore(_ => $"Data Source={Path.Combine(AppContext.BaseDirectory, "knowledge.db")}");
using IHost host = builder.Build();

var generator = host.Services.GetRequiredService<IEmbeddingGenerator>();
int dimensions = EmbeddingProviders.Dimensions(generator, embeddings);
var knowledge = new KnowledgeBase(host.Services.GetRequiredService<VectorStore>(), dimensions, await EmbeddingProviders.FingerprintAsync(generator, dimensions));
bool embedded = await knowledge.EnsureEmbeddedAsync(Path.Combine(AppContext.BaseDirectory, "documents"));
Console.WriteLine($"{embeddings["Provider"]}: {(embedded ? "documents embedded" : "documents unchanged since the last run, and so is what embeds them")}.\n\n{question}\n");
await foreach (VectorSearchResult<Passage> result in knowledge.SearchAsync(question, top: 3))
{
    Console.WriteLine($"{result.Record.File}: {result.Record.Text}\n");
}
