using MetaEol.Extensions;
using MetaEol.Samples.HybridVectorStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.VectorData;

// Usage: dotnet run -- [--in-memory] [question ...]
bool inMemory = args.Contains("--in-memory");
string question = string.Join(' ', args.Where(arg => arg != "--in-memory")) is { Length: > 0 } given ? given : "How much sleep do I need?";

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Services.AddMetaEolEmbeddings(Path.Combine(AppContext.BaseDirectory, "models", "demo"));
if (inMemory)
{
    builder.Services.AddInMemoryVectorStore();
}
else
{
    builder.Services.AddSqliteVectorStore(_ => $"Data Source={Path.Combine(AppContext.BaseDirectory, "passages.db")}");
}

using IHost host = builder.Build();
var generator = host.Services.GetRequiredService<MetaEolEmbeddingGenerator>();
await generator.LoadAsync();

VectorStoreCollection<string, StoredPassage> collection = PassageStore.Open(host.Services.GetRequiredService<VectorStore>(), generator);
IReadOnlyList<StoredPassage> passages = await PassageStore.FillAsync(collection, generator, Path.Combine(AppContext.BaseDirectory, "documents"));
using var words = new WordTable(passages);
var search = new HybridSearch(collection, words, passages.Count);

Console.WriteLine($"{passages.Count} passages in the vector store, embedded with the demo model (it is small: a real one finds more).\n\n{question}\n");
foreach (HybridResult result in await search.SearchAsync(question, top: 3))
{
    Console.WriteLine($"{result.Passage.Id}  words {result.Words:0.0}, vectors {result.Vectors:0.0}\n  {result.Passage.Text}\n");
}
