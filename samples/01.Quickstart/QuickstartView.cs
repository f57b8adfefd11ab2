using System.Globalization;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Documents;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace MetaEol.Samples.Quickstart;

/// <summary>Everything that the quickstart shows: with colours and a progress bar in a terminal, as plain lines elsewhere.</summary>
internal sealed class QuickstartView
{
    private const int MaxPassageLength = 400, MostLeftOut = 5;

    private static readonly Style Muted = new(Color.Grey);
    private static readonly Style Strong = new(decoration: Decoration.Bold);

    private readonly IAnsiConsole _console;

    /// <summary>Creates the view.</summary>
    /// <param name="console">Where everything is shown.</param>
    public QuickstartView(IAnsiConsole console) => _console = console;

    /// <summary>Shows which model answers, and what to expect of the demo model.</summary>
    /// <param name="metadata">The generator's metadata.</param>
    /// <param name="folder">The model folder.</param>
    public void ShowModel(EmbeddingGeneratorMetadata metadata, string folder)
    {
        string origin = folder == QuickstartOptions.DemoModel
            ? "bundled to show how things work: it has 3.9 million parameters and often errs. For real work, give --model a real one"
            : $"from {folder}";
        Write($"Model: {metadata.DefaultModelId} ({metadata.DefaultModelDimensions} dimensions), {origin}.");
    }

    /// <summary>Shows what was read, and what was not.</summary>
    /// <param name="update">What is in the index.</param>
    /// <param name="leftOut">The files that were left out.</param>
    public void ShowDocuments(IndexUpdate update, IReadOnlyList<LeftOutFile> leftOut)
    {
        Write($"Documents: {update.Documents} with {Count(update.Passages, "passage")}, ranked by words, by meaning, and by words as the model weighs them.");
        LeftOutFile[] telling = [.. leftOut.Where(file => file.Reason is not (LeftOutReason.Extension or LeftOutReason.Ignored))];
        foreach (LeftOutFile file in telling.Take(MostLeftOut))
        {
            Write($"Left out {file.Path}: {file.Message}.");
        }

        if (telling.Length > MostLeftOut)
        {
            Write($"Left out {telling.Length - MostLeftOut} more.");
        }
    }

    /// <summary>Shows the progress of an update of the index.</summary>
    /// <param name="work">The update; it reports how far it is to its argument.</param>
    public async Task<IndexUpdate> ShowProgressAsync(Func<IProgress<IndexProgress>?, Task<IndexUpdate>> work)
    {
        if (!_console.Profile.Out.IsTerminal)
        {
            return await work(null);
        }

        return await _console.Progress().AutoClear(true).StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask("Embedding");
            return await work(new Progress<IndexProgress>(progress =>
            {
                bar.MaxValue = Math.Max(1, progress.ToEmbed);
                bar.Value = progress.Embedded;
            }));
        });
    }

    /// <summary>Shows a question, the passages found for it, and what each part of the ranking thinks of them.</summary>
    /// <param name="question">The question.</param>
    /// <param name="results">The passages, best first.</param>
    public void ShowAnswer(string question, IReadOnlyList<SearchResult> results)
    {
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().Padding(2, 0, 2, 0));
        grid.AddColumn();
        foreach (SearchResult result in results)
        {
            grid.AddRow(new Text($"{result.Passage.Document}:{result.Passage.Line}", Muted), new Text(Shorten(result.Passage.Text)));
            grid.AddRow(new Text(string.Empty), new Text(Explain(result), Muted));
        }

        _console.WriteLine();
        _console.WriteLine(question, Strong);
        _console.Write(grid);
    }

    /// <summary>Asks the user for the next question.</summary>
    public void AskForQuestion()
    {
        _console.WriteLine();
        _console.Write("Your question (empty to end): ");
    }

    private static string Explain(SearchResult result)
    {
        string words = result.Words is { } byWords ? $"{Ordinal(byWords.Rank)} by words" : "none of the words";
        string weighed = result.Sparse is { } bySparse ? $", {Ordinal(bySparse.Rank)} by weighed words" : "";
        return $"{words}, {Ordinal(result.Dense!.Rank)} by meaning{weighed}";
    }

    private static string Ordinal(int rank) => (rank % 100, rank % 10) switch
    {
        ( >= 11 and <= 13, _) => $"{rank}th",
        (_, 1) => $"{rank}st",
        (_, 2) => $"{rank}nd",
        (_, 3) => $"{rank}rd",
        _ => $"{rank}th",
    };

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Shorten(string text)
    {
        if (text.Length <= MaxPassageLength)
        {
            return text;
        }

        int space = text.LastIndexOf(' ', MaxPassageLength);
        return text[..(space > 0 ? space : MaxPassageLength)] + " …";
    }

    private void Write(string text) => _console.WriteLine(text);
}
