using MetaEol.Extensions;
using MetaEol.Llama;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Documents;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaEol.Samples.Quickstart;

/// <summary>The quickstart itself: index the documents of a folder, answer questions with the best of their passages.</summary>
internal sealed class QuickstartApp
{
    // A few sentences, which can be shown whole.
    private const int MaxPassageTokens = 64;

    private static readonly string[] ExampleQuestions =
    [
        "Which film is funny?",
        "How much sleep do I need?",
        "Can I leave my dog alone?",
    ];

    private readonly QuickstartView _view;
    private readonly TextReader? _input;

    /// <summary>Creates the quickstart.</summary>
    /// <param name="view">Shows what happens.</param>
    /// <param name="input">Where a user types questions; null where nobody does.</param>
    public QuickstartApp(QuickstartView view, TextReader? input)
    {
        _view = view;
        _input = input;
    }

    /// <summary>Runs the quickstart.</summary>
    /// <param name="options">What the command line asks for.</param>
    /// <param name="cancellationToken">Ends the work between two units of it.</param>
    /// <exception cref="IOException">The folder is missing or holds no text.</exception>
    /// <exception cref="InvalidModelException">The model folder cannot be used.</exception>
    public async Task RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        DocumentFolder folder = new(options.Folder);

        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders(); // A console application shows its errors itself.
        builder.Services.AddMetaEolEmbeddings(options.Model);
        builder.Services.AddMetaEolSearch(search => search.MaxPassageTokens = MaxPassageTokens); // With search.Path it is kept in a file.
        using IHost host = builder.Build();

        MetaEolEmbeddingGenerator generator = host.Services.GetRequiredService<MetaEolEmbeddingGenerator>();
        SearchIndex index = host.Services.GetRequiredService<SearchIndex>();

        await generator.LoadAsync(cancellationToken);
        IndexUpdate update = await _view.ShowProgressAsync(progress => index.UpdateAsync(folder, progress, cancellationToken));
        if (update.Passages == 0)
        {
            throw new IOException($"There is no text in '{options.Folder}': files that end with {string.Join(", ", DocumentFolderOptions.DefaultExtensions)} are read.");
        }

        _view.ShowModel(generator.Metadata, options.Model);
        _view.ShowDocuments(update, folder.LeftOut);

        foreach (string question in options.Questions.Count > 0 ? options.Questions : ExampleQuestions)
        {
            await AnswerAsync(index, question, options.Top, cancellationToken);
        }

        if (options.Questions.Count == 0 && _input is not null)
        {
            await AnswerUserAsync(index, options.Top, _input, cancellationToken);
        }
    }

    private async Task AnswerAsync(SearchIndex index, string question, int top, CancellationToken cancellationToken) =>
        _view.ShowAnswer(question, await index.SearchAsync(question, new SearchOptions { Top = top }, cancellationToken));

    private async Task AnswerUserAsync(SearchIndex index, int top, TextReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            _view.AskForQuestion();
            string? question = await Task.Run(input.ReadLine, cancellationToken).WaitAsync(cancellationToken);
            if (string.IsNullOrWhiteSpace(question))
            {
                return;
            }

            await AnswerAsync(index, question, top, cancellationToken);
        }
    }
}
