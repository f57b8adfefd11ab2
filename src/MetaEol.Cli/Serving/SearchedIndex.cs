using System.CommandLine;
using MetaEol.AspNetCore;
using MetaEol.Cli.Commands;
using MetaEol.Cli.Models;
using MetaEol.Cli.Searching;
using MetaEol.Extensions;
using MetaEol.Retrieval;

namespace MetaEol.Cli.Serving;

/// <summary>An index of <c>metaeol search</c> that the server's page searches, with the model that made it.</summary>
internal sealed class SearchedIndex : IDisposable
{
    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly SearchIndex _index;

    private SearchedIndex(MetaEolEmbeddingGenerator generator, SearchIndex index)
    {
        _generator = generator;
        _index = index;
    }

    /// <summary>Opens an index.</summary>
    /// <exception cref="ToolException">There is none, or its model is not here.</exception>
    public static SearchedIndex Open(string folderOrFile, ModelOptions models, ParseResult parse, Terminal terminal)
    {
        string path = Path.GetFullPath(Directory.Exists(folderOrFile) ? Path.Combine(folderOrFile, SearchCommand.IndexName) : folderOrFile);
        IndexedModel remembered = IndexedModel.Of(SearchIndex.ReadInfo(path))
            ?? throw new ToolException($"There is no index '{path}' that 'metaeol search' has made: run 'metaeol search {folderOrFile} QUESTION' first.");
        remembered.ThrowIfUnusable(path);
        MetaEolEmbeddingGenerator generator = models.CreateRememberedGenerator(parse, terminal, remembered);
        return new SearchedIndex(generator, new SearchIndex(generator, new SearchIndexOptions { Path = path }));
    }

    public async Task<IReadOnlyList<FoundPassage>> SearchAsync(string question, int top, CancellationToken cancellationToken)
    {
        IReadOnlyList<SearchResult> results = await _index.SearchAsync(question, new SearchOptions { Top = top }, cancellationToken).ConfigureAwait(false);
        return [.. results.Select(result => new FoundPassage(result.Passage.Document, result.Passage.Line, result.Score, result.Passage.EmbeddedText))];
    }

    public void Dispose()
    {
        _index.Dispose();
        _generator.Dispose();
    }
}
