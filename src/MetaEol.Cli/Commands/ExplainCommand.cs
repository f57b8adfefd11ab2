using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Evaluation.Sts;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol explain</c>: what the templates see in a text.</summary>
internal static class ExplainCommand
{
    private const int LongestTitle = 200, MostWords = 1000;

    public static Command Create(Terminal terminal)
    {
        Argument<string[]> texts = new("text") { Description = "A text, or two to compare.", Arity = new ArgumentArity(1, 2), HelpName = "TEXT" };
        Option<int> top = ToolOption.Number("--top", "Number of words per template,", 1, MostWords, 6);
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of tables.");
        ToolCommand command = new(
            "explain",
            "Show for every template which words the model would say next (the paper's Figure 1), and how much the templates' views of the text agree.",
            "metaeol explain \"The acting was superb, but the plot made no sense.\"",
            "metaeol explain \"A man plays a guitar.\" \"Someone is making music.\" --model meta-llama/Llama-3.2-1B")
        {
            texts, top, json,
        };
        ModelOptions model = new(command, dimensions: false, role: true);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string[] given = parse.GetValue(texts)!;
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            MetaEolEmbeddingGenerationOptions? request = model.RequestOptions(parse, generator.TemplateSet);
            TemplateEmbeddings views = await generator.GenerateTemplateEmbeddingsAsync(given, request, cancellationToken).ConfigureAwait(false);
            List<IReadOnlyList<TemplateExplanation>> words = [];
            foreach (string text in given)
            {
                // The plain prompt stands beside the set's own: without a meta-task the next word is often a stop word.
                IReadOnlyList<TemplateExplanation> plain = generator.TemplateSet.Templates.Any(template => template.Text == TemplateSet.PromptEol.Templates[0].Text) ? []
                    : await generator.ExplainAsync(text, parse.GetValue(top), new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.PromptEol }, cancellationToken).ConfigureAwait(false);
                words.Add([.. plain, .. await generator.ExplainAsync(text, parse.GetValue(top), request, cancellationToken).ConfigureAwait(false)]);
            }

            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, Describe(generator, given, views, words));
                return;
            }

            for (int i = 0; i < given.Length; i++)
            {
                WriteWords(terminal, given[i], words[i]);
                if (views.TemplateSet.Templates.Count > 1)
                {
                    WriteMatrix(terminal, views, i);
                }
            }

            if (given.Length == 2)
            {
                WriteSimilarities(terminal, views);
            }
        });
        return command;
    }

    private static double Cosine(TemplateEmbeddings views, (int Text, int Template) first, (int Text, int Template) second) =>
        StsScorer.Cosine(views[first.Text, first.Template].Span, views[second.Text, second.Template].Span);

    private static double MeanCosine(TemplateEmbeddings views)
    {
        float[] Mean(int text)
        {
            float[] mean = new float[views.HiddenSize];
            for (int template = 0; template < views.TemplateSet.Templates.Count; template++)
            {
                for (int i = 0; i < mean.Length; i++)
                {
                    mean[i] += (float)views.TemplateSet.Templates[template].Weight * views[text, template].Span[i];
                }
            }

            return mean;
        }

        return StsScorer.Cosine(Mean(0), Mean(1));
    }

    private static void WriteWords(Terminal terminal, string text, IReadOnlyList<TemplateExplanation> explanations)
    {
        bool ownLayers = explanations.Any(explanation => explanation.Template.Layer is not null);
        ResultTable table = (ownLayers ? new ResultTable().Text("template").Number("layer") : new ResultTable().Text("template")).Text("most probable next words, with their probabilities");
        foreach (TemplateExplanation explanation in explanations)
        {
            string name = explanation.Template.Text == TemplateSet.PromptEol.Templates[0].Text ? "(plain prompt)" : explanation.Template.Name;
            var words = Cell.Items(explanation.Tokens.Select(token => (Visible(token.Token), Percent(token.Probability))));
            Cell[] row = ownLayers ? [name, explanation.Layer.ToString(CultureInfo.InvariantCulture), words] : [name, words];
            table.Row(row);
        }

        table.Write(terminal, $"Next words for \"{Printable.Line(text, LongestTitle)}\"");
    }

    private static void WriteMatrix(Terminal terminal, TemplateEmbeddings views, int text)
    {
        string[] names = [.. views.TemplateSet.Templates.Select(template => template.Name)];
        ResultTable wide = Matrix(names, names);
        if (!wide.Fits(terminal.Width))
        {
            // Numbers in place of the names above the columns.
            wide = Matrix([.. names.Select((name, index) => $"{index + 1} {name}")], [.. names.Select((_, index) => $"{index + 1}")]);
        }

        wide.Write(terminal, "Cosines between the templates' views");

        ResultTable Matrix(string[] rows, string[] columns)
        {
            ResultTable table = columns.Aggregate(new ResultTable().Text(string.Empty), (so, column) => so.Number(column));
            for (int row = 0; row < rows.Length; row++)
            {
                table.Row([rows[row], .. Enumerable.Range(0, columns.Length).Select(column => (Cell)Number(Cosine(views, (text, row), (text, column))))]);
            }

            return table;
        }
    }

    private static void WriteSimilarities(Terminal terminal, TemplateEmbeddings views)
    {
        ResultTable table = new ResultTable().Text("template").Number("cosine");
        for (int i = 0; i < views.TemplateSet.Templates.Count; i++)
        {
            table.Row(views.TemplateSet.Templates[i].Name, Number(Cosine(views, (0, i), (1, i))));
        }

        table.Row(Cell.Of("mean of all", "bold"), Cell.Of(Number(MeanCosine(views)), "bold"));
        table.Write(terminal, "Similarity of the two texts");
    }

    private static object Describe(MetaEolEmbeddingGenerator generator, string[] texts, TemplateEmbeddings views, List<IReadOnlyList<TemplateExplanation>> words)
    {
        IReadOnlyList<Template> templates = views.TemplateSet.Templates;
        return new
        {
            model = generator.Metadata.DefaultModelId,
            texts = texts.Select((text, index) => new
            {
                text,
                nextWords = words[index].Select(explanation => new { template = explanation.Template.Name, prompt = explanation.Template.Text, explanation.Layer, explanation.Tokens }),
                cosines = templates.Select((_, row) => templates.Select((_, column) => Cosine(views, (index, row), (index, column)))),
            }),
            similarity = texts.Length < 2 ? null : new { templates = templates.Select((template, i) => new { template.Name, cosine = Cosine(views, (0, i), (1, i)) }), mean = MeanCosine(views) },
        };
    }

    /// <summary>A token with its leading space dropped and what cannot be seen made visible.</summary>
    private static string Visible(string token)
    {
        string text = token.TrimStart(' ', '\u2581');
        return text.Length == 0 ? "␣" : text.Replace("\n", "⏎", StringComparison.Ordinal).Replace("\r", "⏎", StringComparison.Ordinal).Replace("\t", "⇥", StringComparison.Ordinal);
    }

    private static string Percent(float probability) => (100 * probability).ToString(probability < 0.0995 ? "0.0" : "0", CultureInfo.InvariantCulture) + "%";

    private static string Number(double cosine) => cosine.ToString("0.000", CultureInfo.InvariantCulture);
}
