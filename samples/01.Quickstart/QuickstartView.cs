using System.Globalization;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace MetaEol.Samples.Quickstart;

/// <summary>Everything that the quickstart shows: with colours and a progress bar in a terminal, as plain lines elsewhere.</summary>
internal sealed class QuickstartView
{
    private const int MaxPassageLength = 240;

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
            ? "the bundled demo model: its 3.9 million parameters show how things work, and it often errs. For real work, give --model a real one"
            : $"from {folder}";
        _console.WriteLine($"Model: {metadata.DefaultModelId} ({metadata.DefaultModelDimensions} dimensions), {origin}.");
    }

    /// <summary>Shows what was read.</summary>
    /// <param name="documents">Number of documents.</param>
    /// <param name="paragraphs">Number of their paragraphs.</param>
    /// <param name="passages">Number of passages that the paragraphs were split into.</param>
    /// <param name="context">The model's context in tokens.</param>
    public void ShowDocuments(int documents, int paragraphs, int passages, int context)
    {
        string split = passages > paragraphs ? $", of which those longer than the context of {context} tokens were split: {passages} passages" : "";
        _console.WriteLine($"Documents: {documents} with {paragraphs} paragraph{(paragraphs == 1 ? "" : "s")}{split}.");
    }

    /// <summary>Shows that a file was left out.</summary>
    /// <param name="file">The file.</param>
    /// <param name="reason">Why.</param>
    public void ShowSkipped(string file, string reason) => _console.WriteLine($"Left out {file}: {reason}.");

    /// <summary>Shows the progress of a piece of work, and at its end how long it took.</summary>
    /// <param name="passages">Number of passages to embed.</param>
    /// <param name="work">The work; it calls its argument with the number of passages that are newly done.</param>
    public async Task ShowProgressAsync(int passages, Func<Action<int>, Task> work)
    {
        long started = TimeProvider.System.GetTimestamp();
        if (_console.Profile.Out.IsTerminal)
        {
            await _console.Progress().AutoClear(true).StartAsync(async context =>
            {
                ProgressTask progress = context.AddTask("Embedding", maxValue: passages);
                await work(embedded => progress.Increment(embedded));
            });
        }
        else
        {
            await work(_ => { });
        }

        double seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Embedded {passages} passage{(passages == 1 ? "" : "s")} in {seconds:0.0} s."));
    }

    /// <summary>Shows a question and the passages found for it.</summary>
    /// <param name="question">The question.</param>
    /// <param name="hits">The passages, best first.</param>
    public void ShowAnswer(string question, IReadOnlyList<SearchHit> hits)
    {
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().Padding(2, 0, 2, 0));
        grid.AddColumn();
        grid.AddColumn();
        foreach (SearchHit hit in hits)
        {
            grid.AddRow(
                new Text(hit.Score.ToString("0.00", CultureInfo.InvariantCulture)),
                new Text(hit.Passage.File, Muted),
                new Text(Shorten(hit.Passage.Text)));
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

    private static string Shorten(string text)
    {
        if (text.Length <= MaxPassageLength)
        {
            return text;
        }

        int space = text.LastIndexOf(' ', MaxPassageLength);
        return text[..(space > 0 ? space : MaxPassageLength)] + " …";
    }
}
