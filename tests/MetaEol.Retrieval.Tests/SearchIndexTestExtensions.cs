namespace MetaEol.Retrieval.Tests;

/// <summary>Shorthands of tests.</summary>
internal static class SearchIndexTestExtensions
{
    public static Task<IndexUpdate> AddAsync(this SearchIndex index, IEnumerable<string> ids, string text) => index.AddAsync(ids.Select(id => new SearchDocument(id, text)));
}
