using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaEol.Samples.Quickstart;

/// <summary>The quickstart itself: read documents, embed their passages, answer questions with the best of them.</summary>
internal sealed class QuickstartApp
{
    // A tokenizer may part a few tokens more where template and text meet, and cleaning may add a full stop.
    private const int SpareTokens = 8;

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
        IReadOnlyList<Document> documents = ReadDocuments(options.Folder);

        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders(); // A console application shows its errors itself.
        builder.Services.AddMetaEolEmbeddings(options.Model);
        using IHost host = builder.Build();

        IEmbeddingGenerator<string, Embedding<float>> generator = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        await generator.GetRequiredService<MetaEolEmbeddingGenerator>().LoadAsync(cancellationToken);
        _view.ShowModel(generator.GetRequiredService<EmbeddingGeneratorMetadata>(), options.Model);

        PassageIndex index = new(generator);
        IReadOnlyList<Passage> passages = SplitIntoPassages(documents, generator);
        await _view.ShowProgressAsync(passages.Count, embedded => index.AddAsync(passages, embedded, cancellationToken));

        foreach (string question in options.Questions.Count > 0 ? options.Questions : ExampleQuestions)
        {
            _view.ShowAnswer(question, await index.SearchAsync(question, options.Top, cancellationToken));
        }

        if (options.Questions.Count == 0 && _input is not null)
        {
            await AnswerUserAsync(index, options.Top, _input, cancellationToken);
        }
    }

    private IReadOnlyList<Document> ReadDocuments(string folder)
    {
        IReadOnlyList<Document> documents = DocumentFolder.Read(folder, _view.ShowSkipped);
        return documents.Count > 0
            ? documents
            : throw new IOException($"There is no text in '{folder}': files that end with .md, .markdown or .txt are read.");
    }

    private List<Passage> SplitIntoPassages(IReadOnlyList<Document> documents, IEmbeddingGenerator generator)
    {
        ITokenizer tokenizer = generator.GetRequiredService<ITokenizer>();
        TemplateSet templates = generator.GetRequiredService<MetaEolEmbeddingGenerator>().TemplateSet;
        int longestTemplate = templates.Templates.Max(template => tokenizer.Encode(template.Format("")).Length);
        int context = generator.GetRequiredService<PromptEncoderMetadata>().ContextTokens;
        PassageSplitter splitter = new(tokenizer, context - longestTemplate - SpareTokens);

        List<Passage> passages = [];
        foreach (Document document in documents)
        {
            passages.AddRange(document.Paragraphs.SelectMany(splitter.Split).Select(text => new Passage(document.File, text)));
        }

        _view.ShowDocuments(documents.Count, documents.Sum(document => document.Paragraphs.Count), passages.Count, context);
        return passages;
    }

    private async Task AnswerUserAsync(PassageIndex index, int count, TextReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            _view.AskForQuestion();
            string? question = await Task.Run(input.ReadLine, cancellationToken).WaitAsync(cancellationToken);
            if (string.IsNullOrWhiteSpace(question))
            {
                return;
            }

            _view.ShowAnswer(question, await index.SearchAsync(question, count, cancellationToken));
        }
    }
}
