using MetaEol.Extensions;
using MetaEol.Samples.SemanticKernelRag;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;

// Usage: dotnet run -- [--in-memory] [question ...]
bool inMemory = args.Contains("--in-memory");
string question = string.Join(' ', args.Where(arg => arg != "--in-memory")) is { Length: > 0 } given ? given : "How do I ride a bike in the dark?";

// A kernel with embeddings that need no key and no network, and a vector store that finds the generator by itself.
IKernelBuilder builder = Kernel.CreateBuilder();
// A paragraph longer than the model's context is found by its beginning.
builder.AddMetaEolEmbeddingGenerator(Path.Combine(AppContext.BaseDirectory, "models", "demo"), options => options.TextOverflow = TextOverflow.Truncate);
if (inMemory)
{
    builder.Services.AddInMemoryVectorStore();
}
else
{
    builder.Services.AddSqliteVectorStore(_ => $"Data Source={Path.Combine(AppContext.BaseDirectory, "passages.db")}");
}

Kernel kernel = builder.Build();

VectorStoreCollection<string, Passage> passages = PassageCollection.Open(kernel.GetRequiredService<VectorStore>(), kernel.GetRequiredService<IEmbeddingGenerator>());
int count = await PassageCollection.FillAsync(passages, Path.Combine(AppContext.BaseDirectory, "documents"));
Console.WriteLine($"{count} paragraphs embedded with the demo model (it is small: a real one finds more).");

// A chat model would call the function with its own words; here the program does.
kernel.Plugins.AddFromObject(new DocumentSearchPlugin(passages), "documents");
string? answer = await kernel.InvokeAsync<string>("documents", "search", new KernelArguments { ["question"] = question });
Console.WriteLine($"\n{question}\n\n{answer}");
