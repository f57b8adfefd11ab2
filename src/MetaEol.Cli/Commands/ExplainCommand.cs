using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Evaluation.Sts;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using Spectre.Console;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol explain</c>: what the templates see in a text.</summary>
internal static class ExplainCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> texts = new("text") { Description = "A text, or two to compare.", Arity = new ArgumentArity(1, 2), HelpName = "TEXT" };
        Option<int> top = new("--top") { Description = "Number of words per template.", DefaultValueFactory = _ => 6, HelpName = "N" };
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables." };
        ToolCommand command = new(
            "explain",
            "Show for every template which words the model would say next (the paper's Figure 1), and how much the templates' views of the text agree.",
            "metaeol explain \"The acting was superb, but the plot made no sense.\"",
            "metaeol explain \"A man plays a guitar.\" \"Someone is making music.\" --model meta-llama/Llama-3.2-1B")
        {
            texts, top, json,
        };
        ModelOptions model = new(command);
        top.Validators.Add(result => ModelOptions.AtLeastOne(result, top));
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string[] given = parse.GetValue(texts)!;
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            TemplateEmbeddings views = await generator.GenerateTemplateEmbeddingsAsync(given, cancellationToken: cancellationToken).ConfigureAwait(false);
            List<IReadOnlyList<TemplateExplanation>> words = [];
            foreach (string text in given)
            {
                // The plain prompt stands beside the set's own: without a meta-task the next word is often a stop word.
                IReadOnlyList<TemplateExplanation> plain = generator.TemplateSet.Templates.Any(template => template.Text == TemplateSet.PromptEol.Templates[0].Text) ? []
                    : await generator.ExplainAsync(text, parse.GetValue(top), new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.PromptEol }, cancellationToken).ConfigureAwait(false);
                words.Add([.. plain, .. await generator.ExplainAsync(text, parse.GetValue(top), cancellationToken: cancellationToken).ConfigureAwait(false)]);
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
        Table table = new Table().AddColumn("template").AddColumn("most probable next words, with their probabilities");
        foreach (TemplateExplanation explanation in explanations)
        {
            table.AddRow(
                new Text(explanation.Template.Text == TemplateSet.PromptEol.Templates[0].Text ? "(plain prompt)" : explanation.Template.Name),
                new Markup(string.Join("  ", explanation.Tokens.Select(token => $"{Markup.Escape(Visible(token.Token))} [grey]{Percent(token.Probability)}[/]"))));
        }

        terminal.Write($"Next words for \"{text}\"", table);
    }

    private static void WriteMatrix(Terminal terminal, TemplateEmbeddings views, int text)
    {
        IReadOnlyList<Template> templates = views.TemplateSet.Templates;
        Table table = new Table().AddColumn(string.Empty);
        foreach (Template template in templates)
        {
            table.AddColumn(new TableColumn(Markup.Escape(template.Name)).RightAligned().NoWrap());
        }

        for (int row = 0; row < templates.Count; row++)
        {
            table.AddRow([Markup.Escape(templates[row].Name), .. Enumerable.Range(0, templates.Count).Select(column => Number(Cosine(views, (text, row), (text, column))))]);
        }

        terminal.Write("Cosines between the templates' views", table);
    }

    private static void WriteSimilarities(Terminal terminal, TemplateEmbeddings views)
    {
        Table table = new Table().AddColumn("template").AddColumn(new TableColumn("cosine").RightAligned());
        for (int i = 0; i < views.TemplateSet.Templates.Count; i++)
        {
            table.AddRow(Markup.Escape(views.TemplateSet.Templates[i].Name), Number(Cosine(views, (0, i), (1, i))));
        }

        table.AddRow("[bold]mean of all[/]", $"[bold]{Number(MeanCosine(views))}[/]");
        terminal.Write("Similarity of the two texts", table);
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
                nextWords = words[index].Select(explanation => new { template = explanation.Template.Name, prompt = explanation.Template.Text, explanation.Tokens }),
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
