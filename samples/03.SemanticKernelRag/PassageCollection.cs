using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.SemanticKernelRag;

/// <summary>The paragraphs of a folder in a collection of a vector store.</summary>
internal static class PassageCollection
{
    /// <summary>The collection, with as many dimensions as the generator's vectors have.</summary>
    public static VectorStoreCollection<string, Passage> Open(VectorStore store, IEmbeddingGenerator generator)
    {
        int dimensions = (generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelDimensions
            ?? throw new InvalidOperationException("The embedding generator does not tell how many dimensions its vectors have.");
        return store.GetCollection<string, Passage>("passages", new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty(nameof(Passage.Id), typeof(string)),
                new VectorStoreDataProperty(nameof(Passage.File), typeof(string)),
                new VectorStoreDataProperty(nameof(Passage.Text), typeof(string)),
                new VectorStoreVectorProperty<string>(nameof(Passage.Embedding), dimensions) { DistanceFunction = DistanceFunction.CosineDistance },
            ],
        });
    }

    /// <summary>Fills the collection anew with the paragraphs of the Markdown and text files of a folder.</summary>
    /// <returns>Number of paragraphs.</returns>
    public static async Task<int> FillAsync(VectorStoreCollection<string, Passage> collection, string folder, CancellationToken cancellationToken = default)
    {
        Passage[] passages = [.. Read(folder)];
        await collection.EnsureCollectionDeletedAsync(cancellationToken);
        await collection.EnsureCollectionExistsAsync(cancellationToken);
        await collection.UpsertAsync(passages, cancellationToken);
        return passages.Length;
    }

    private static IEnumerable<Passage> Read(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder).Where(path => Path.GetExtension(path) is ".md" or ".txt").Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileName(path);
            IEnumerable<string> paragraphs = File.ReadAllText(path).ReplaceLineEndings("\n").Split("\n\n").Select(paragraph => paragraph.Replace('\n', ' ').Trim());
            int number = 0;
            foreach (string paragraph in paragraphs.Where(paragraph => paragraph.Length > 0 && !paragraph.StartsWith('#')))
            {
                yield return new Passage { Id = $"{file}#{++number}", File = file, Text = paragraph };
            }
        }
    }
}
