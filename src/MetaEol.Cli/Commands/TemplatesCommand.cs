using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.Models;
using MetaEol.Extensions.Generation;
using MetaEol.Extensions.Prompting;
using Spectre.Console;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol templates</c>: look at, check and make template sets.</summary>
internal static class TemplatesCommand
{
    private const string EndpointVariable = "OPENAI_BASE_URL", KeyVariable = "OPENAI_API_KEY", ModelVariable = "OPENAI_MODEL";

    public static Command Create(Terminal terminal) => new ToolCommand("templates", "Look at, check and make template sets.")
    {
        CreateList(terminal),
        CreateShow(terminal),
        CreateCheck(terminal),
        CreateGenerate(terminal),
    };

    private static ToolCommand CreateList(Terminal terminal)
    {
        ToolCommand command = new("list", "List the built-in template sets.", "metaeol templates list");
        command.SetAction(terminal, (_, _) =>
        {
            Table table = new Table().Border(TableBorder.Rounded).AddColumns("set", "templates", "what it is for");
            foreach (TemplateSet set in TemplateSet.BuiltIn)
            {
                table.AddRow(new Text(set.Name), new Text(string.Join(", ", set.Templates.Select(template => template.Name))), new Text(set.Description ?? string.Empty));
            }

            terminal.Out.Write(table);
            return Task.CompletedTask;
        });
        return command;
    }

    private static ToolCommand CreateShow(Terminal terminal)
    {
        Argument<string> set = SetArgument();
        Option<bool> json = new("--json") { Description = "Print the set's JSON, to begin an own set with." };
        ToolCommand command = new("show", "Show the templates of a set.", "metaeol templates show metaeol", "metaeol templates show metaeol --json > my-set.json") { set, json };
        command.SetAction(terminal, (parse, _) =>
        {
            TemplateSet loaded = TemplateSet.Load(parse.GetValue(set)!);
            if (parse.GetValue(json))
            {
                terminal.Data.WriteLine(loaded.ToJson());
                return Task.CompletedTask;
            }

            Table table = new Table().AddColumns("name", "task").AddColumn(new TableColumn("weight").RightAligned()).AddColumn("template").ShowRowSeparators();
            foreach (Template template in loaded.Templates)
            {
                table.AddRow(new Text(template.Name), new Text(template.Task ?? string.Empty), new Text(template.Weight.ToString(CultureInfo.InvariantCulture)), new Text(template.Text));
            }

            terminal.Write(loaded.Name, table);
            return Task.CompletedTask;
        });
        return command;
    }

    private static ToolCommand CreateCheck(Terminal terminal)
    {
        Argument<string> set = SetArgument();
        Option<bool> strict = new("--strict") { Description = "Fail (exit code 1) if there is a warning." };
        ToolCommand command = new("check", "Check a template set: errors, and what would make it work badly.", "metaeol templates check my-set.json --strict") { set, strict };
        command.SetAction(terminal, (parse, _) =>
        {
            TemplateSet loaded = TemplateSet.Load(parse.GetValue(set)!);
            int warnings = 0;
            foreach (Template template in loaded.Templates)
            {
                foreach (string warning in TemplateCheck.FindWarnings(template))
                {
                    warnings++;
                    terminal.Out.MarkupLineInterpolated($"[yellow]warning[/] {template.Name}: {warning}");
                }
            }

            terminal.Out.WriteLine($"{loaded.Name}: {loaded.Templates.Count} {(loaded.Templates.Count == 1 ? "template" : "templates")}, {(warnings == 0 ? "no warnings" : warnings == 1 ? "1 warning" : $"{warnings} warnings")}.");
            return warnings > 0 && parse.GetValue(strict) ? throw new ToolException($"'{parse.GetValue(set)}' has warnings, and --strict asks for none.") : Task.CompletedTask;
        });
        return command;
    }

    private static ToolCommand CreateGenerate(Terminal terminal)
    {
        Argument<string> domain = new("domain") { Description = "The texts you will embed and what for, in your words.", HelpName = "DOMAIN" };
        Option<FileInfo?> output = new("--out", "-o") { Description = "Write the set to this file instead of the standard output.", HelpName = "FILE" };
        Option<string> name = new("--name") { Description = "Name of the set.", DefaultValueFactory = _ => "generated", HelpName = "NAME" };
        Option<int> tasks = new("--tasks") { Description = "Number of meta-tasks, 1 to 20.", DefaultValueFactory = _ => 4, HelpName = "N" };
        Option<int> perTask = new("--per-task") { Description = "Templates for each meta-task, 1 to 10.", DefaultValueFactory = _ => 2, HelpName = "N" };
        Option<Uri?> endpoint = new("--endpoint") { Description = $"An OpenAI-compatible chat endpoint. Default: ${EndpointVariable}. Its key is ${KeyVariable}.", HelpName = "URL", CustomParser = ParseUri };
        Option<string?> chatModel = new("--chat-model") { Description = $"The chat model to ask. Default: ${ModelVariable}.", HelpName = "NAME" };
        Option<FileInfo?> answer = new("--answer") { Description = "Read the chat model's answer from this file instead of asking it.", HelpName = "FILE" };
        ToolCommand command = new(
            "generate",
            "Let a chat model write the templates for your texts (the paper's Figure 2), and check them. Without an endpoint, prints the request to paste into any chat model, whose answer --answer then reads.",
            "metaeol templates generate \"support tickets of a bank\" --endpoint http://localhost:11434/v1 --chat-model llama3.1 --out bank.json",
            "metaeol templates generate \"support tickets of a bank\" > request.txt",
            "metaeol templates generate \"support tickets of a bank\" --answer answer.txt --out bank.json")
        {
            domain, output, name, tasks, perTask, endpoint, chatModel, answer,
        };
        InRange(tasks, 20);
        InRange(perTask, 10);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            TemplateSetRequest request = new(parse.GetValue(domain)!) { Name = parse.GetValue(name)!, TaskCount = parse.GetValue(tasks), TemplatesPerTask = parse.GetValue(perTask) };
            TemplateSet set;
            if (parse.GetValue(answer) is { } file)
            {
                set = Read(await File.ReadAllTextAsync(file.FullName, cancellationToken).ConfigureAwait(false), file.Name);
            }
            else if ((parse.GetValue(endpoint) ?? Variable(EndpointVariable)) is { } address)
            {
                string model = parse.GetValue(chatModel) ?? Environment.GetEnvironmentVariable(ModelVariable) ?? throw new ToolException($"Which model is to be asked? Write --chat-model, or set {ModelVariable}.");

                // Local endpoints want no key, but the protocol's header must not be empty.
                using OpenAIChatClient client = new(address, model, Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : "none");
                terminal.Notice($"Asking {model} at {address.Host} ...");
                set = await GenerateAsync(client, request, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                terminal.Notice("No endpoint: paste what follows into a chat model, save its answer to a file, and run the same command with --answer FILE.");
                terminal.Data.WriteLine(TemplateSetGenerator.CreatePrompt(request));
                return;
            }

            if (parse.GetValue(output) is { } target)
            {
                await File.WriteAllTextAsync(target.FullName, set.ToJson() + "\n", cancellationToken).ConfigureAwait(false);
                terminal.Notice($"{set.Templates.Count} templates written to '{target.FullName}': use them with --templates.");
            }
            else
            {
                terminal.Data.WriteLine(set.ToJson());
            }
        });
        return command;
    }

    private static async Task<TemplateSet> GenerateAsync(OpenAIChatClient client, TemplateSetRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await new TemplateSetGenerator(client).GenerateAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException exception)
        {
            throw new ToolException($"The chat model did not give a usable template set: {exception.Message}", exception);
        }
    }

    private static TemplateSet Read(string answer, string file)
    {
        try
        {
            return TemplateSetGenerator.Parse(answer);
        }
        catch (FormatException exception)
        {
            throw new ToolException($"'{file}' holds no usable template set: {exception.Message}", exception);
        }
    }

    private static Argument<string> SetArgument() => new("set") { Description = "A built-in set, one template of it (metaeol/emotion), or a JSON file.", HelpName = "SET" };

    private static Uri? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri : throw new ToolException($"{name} is '{text}', which is not an address.")
        : null;

    private static Uri? ParseUri(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (!Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            result.AddError($"'{result.Tokens[0].Value}' is not an http or https address.");
        }

        return uri;
    }

    private static void InRange(Option<int> option, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is < 1 || result.GetValueOrDefault<int>() > most)
        {
            result.AddError($"{option.Name} must be 1 to {most}.");
        }
    });
}
