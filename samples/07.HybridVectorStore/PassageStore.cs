using MetaEol.Extensions;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Documents;
using MetaEol.Retrieval.Splitting;
using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.HybridVectorStore;

/// <summary>The application's own collection: whichever connector it is of, the search asks no more of it than vectors' distances.</summary>
internal static class PassageStore
{
    /// <summary>The collection, with as many dimensions as the model's vectors have.</summary>
    public static VectorStoreCollection<string, StoredPassage> Open(VectorStore store, MetaEolEmbeddingGenerator generator) =>
        store.GetCollection<string, StoredPassage>("passages", new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty(nameof(StoredPassage.Id), typeof(string)),
                new VectorStoreDataProperty(nameof(StoredPassage.Heading), typeof(string)),
                new VectorStoreDataProperty(nameof(StoredPassage.Text), typeof(string)),
                new VectorStoreVectorProperty<string>(nameof(StoredPassage.Embedding), generator.Metadata.DefaultModelDimensions!.Value) { DistanceFunction = DistanceFunction.CosineDistance },
            ],
        });

    /// <summary>Fills the collection anew with the passages of a folder's documents.</summary>
    /// <returns>The passages.</returns>
    public static async Task<IReadOnlyList<StoredPassage>> FillAsync(
        VectorStoreCollection<string, StoredPassage> collection, MetaEolEmbeddingGenerator generator, string folder, CancellationToken cancellationToken = default)
    {
        PassageSplitter splitter = await PassageSplitter.CreateAsync(generator, maxTokens: 64, cancellationToken: cancellationToken);
        List<StoredPassage> passages = [];
        foreach (Passage passage in new DocumentFolder(folder).SelectMany(splitter.Split))
        {
            passages.Add(new StoredPassage { Id = $"{passage.Document}:{passage.Line}@{passage.Start}", Heading = passage.Heading, Text = passage.Text });
        }

        await collection.EnsureCollectionDeletedAsync(cancellationToken);
        await collection.EnsureCollectionExistsAsync(cancellationToken);
        await collection.UpsertAsync(passages, cancellationToken);
        return passages;
    }
}
