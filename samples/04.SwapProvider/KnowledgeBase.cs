using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.VectorData;

namespace MetaEol.Samples.SwapProvider;

/// <summary>A folder's paragraphs in a vector store, embedded anew whenever they, or what embeds them, have changed.</summary>
internal sealed class KnowledgeBase
{
    private const string CollectionName = "passages";

    private readonly VectorStoreCollection<string, Passage> _passages;
    private readonly VectorStoreCollection<string, Manifest> _manifests;
    private readonly string _fingerprint;

    /// <param name="store">The store; it embeds with the generator that is registered beside it.</param>
    /// <param name="dimensions">Width of that generator's vectors.</param>
    /// <param name="fingerprint">What that generator's vectors depend on.</param>
    public KnowledgeBase(VectorStore store, int dimensions, string fingerprint)
    {
        _fingerprint = fingerprint;
        _manifests = store.GetCollection<string, Manifest>("collections");
        _passages = store.GetCollection<string, Passage>(CollectionName, new VectorStoreCollectionDefinition
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

    /// <summary>Embeds the folder's paragraphs, unless the collection holds the very same with vectors of the same fingerprint.</summary>
    /// <returns>Whether they were embedded.</returns>
    public async Task<bool> EnsureEmbeddedAsync(string folder, CancellationToken cancellationToken = default)
    {
        await _manifests.EnsureCollectionExistsAsync(cancellationToken);
        List<Passage> passages = Read(folder);
        var current = new Manifest { Collection = CollectionName, Fingerprint = _fingerprint, Documents = HashOf(passages) };
        Manifest? manifest = await _manifests.GetAsync(CollectionName, cancellationToken: cancellationToken);
        if (manifest?.Fingerprint == current.Fingerprint && manifest.Documents == current.Documents)
        {
            return false;
        }

        // Away with the old manifest first and in with the new one last: what is interrupted between the two is done again.
        await _manifests.DeleteAsync(CollectionName, cancellationToken);
        await _passages.EnsureCollectionDeletedAsync(cancellationToken);
        await _passages.EnsureCollectionExistsAsync(cancellationToken);
        await _passages.UpsertAsync(passages, cancellationToken);
        await _manifests.UpsertAsync(current, cancellationToken);
        return true;
    }

    /// <summary>The paragraphs that answer a question, best first.</summary>
    public IAsyncEnumerable<VectorSearchResult<Passage>> SearchAsync(string question, int top, CancellationToken cancellationToken = default) =>
        _passages.SearchAsync(question, top, cancellationToken: cancellationToken);

    /// <summary>A hash that is another where a paragraph is, or its place.</summary>
    private static string HashOf(List<Passage> passages) =>
        Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(passages.Select(passage => (string[])[passage.Id, passage.Text]))));

    private static List<Passage> Read(string folder)
    {
        List<Passage> passages = [];
        foreach (string path in Directory.EnumerateFiles(folder).Where(path => Path.GetExtension(path) is ".md" or ".txt").Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileName(path);
            foreach (string paragraph in File.ReadAllText(path).ReplaceLineEndings("\n").Split("\n\n").Select(paragraph => paragraph.Replace('\n', ' ').Trim()))
            {
                if (paragraph.Length > 0 && !paragraph.StartsWith('#'))
                {
                    passages.Add(new Passage { Id = $"{file}#{passages.Count}", File = file, Text = paragraph });
                }
            }
        }

        return passages;
    }
}
