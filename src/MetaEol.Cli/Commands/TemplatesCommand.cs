using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Extensions.Generation;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol templates</c>: look at, check and make template sets.</summary>
internal static class TemplatesCommand
{
    private const string DefaultName = "generated";
    private const int LongestAnswer = 16 << 20;
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
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of the table.");
        ToolCommand command = new("list", "List the built-in template sets.", "metaeol templates list", "metaeol templates list --json") { json };
        command.SetAction(terminal, (parse, _) =>
        {
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, TemplateSet.BuiltIn.Select(set => new
                {
                    set.Name,
                    set.Description,
                    templates = set.Templates.Select(template => template.Name),
                    layers = set.Templates.Select(template => template.Layer?.ToString()),
                    roles = set.Templates.Select(RoleOf),
                }));
                return Task.CompletedTask;
            }

            ResultTable table = new ResultTable { Separated = true }.Text("set", breakable: false).Text("templates").Text("what it is for");
            foreach (TemplateSet set in TemplateSet.BuiltIn)
            {
                table.Row(set.Name, string.Join(", ", set.Templates.Select(Describe)), set.Description ?? string.Empty);
            }

            table.Write(terminal);
            return Task.CompletedTask;
        });
        return command;
    }

    /// <summary>A template's name, with what it has of its own.</summary>
    private static string Describe(Template template)
    {
        string[] own = [.. new[] { RoleOf(template), template.Layer is { } layer ? $"layer {layer}" : null }.OfType<string>()];
        return own.Length == 0 ? template.Name : $"{template.Name} ({string.Join(", ", own)})";
    }

    private static string? RoleOf(Template template) => template.Role?.ToString().ToLowerInvariant();

    private static ToolCommand CreateShow(Terminal terminal)
    {
        Argument<string> set = SetArgument();
        Option<bool> json = ToolOption.Switch("--json", "Print the set's JSON, to begin an own set with.");
        ToolCommand command = new("show", "Show the templates of a set.", "metaeol templates show metaeol", "metaeol templates show metaeol --json > my-set.json") { set, json };
        command.SetAction(terminal, (parse, _) =>
        {
            TemplateSet loaded = TemplateSet.Load(parse.GetValue(set)!);
            if (parse.GetValue(json))
            {
                JsonResult.WriteText(terminal.Data, loaded.ToJson());
                return Task.CompletedTask;
            }

            ResultTable table = new ResultTable { Separated = true }.Text("name").Text("task").Number("weight").Number("layer").Text("role").Text("template");
            foreach (Template template in loaded.Templates)
            {
                table.Row(template.Name, template.Task ?? string.Empty, template.Weight.ToString(CultureInfo.InvariantCulture), template.Layer?.ToString() ?? string.Empty, RoleOf(template) ?? string.Empty, template.Text);
            }

            table.Write(terminal, loaded.Name);
            return Task.CompletedTask;
        });
        return command;
    }

    private static ToolCommand CreateCheck(Terminal terminal)
    {
        Argument<string> set = SetArgument();
        Option<bool> strict = ToolOption.Switch("--strict", "Fail (exit code 1) if there is a warning.");
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of lines.");
        ToolCommand command = new("check", "Check a template set: errors, and what would make it work badly.", "metaeol templates check my-set.json --strict") { set, strict, json };
        command.SetAction(terminal, (parse, _) =>
        {
            TemplateSet loaded = TemplateSet.Load(parse.GetValue(set)!);
            (string Template, string Warning)[] warnings = [.. loaded.Templates.SelectMany(template => TemplateCheck.FindWarnings(template).Select(warning => (template.Name, warning)))];
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { set = loaded.Name, templates = loaded.Templates.Count, warnings = warnings.Select(found => new { found.Template, found.Warning }) });
            }
            else
            {
                foreach ((string template, string warning) in warnings)
                {
                    terminal.WriteLine("yellow", "warning", $" {template}: {warning}");
                }

                terminal.WriteLine($"{loaded.Name}: {loaded.Templates.Count} {(loaded.Templates.Count == 1 ? "template" : "templates")}, {(warnings.Length == 0 ? "no warnings" : warnings.Length == 1 ? "1 warning" : $"{warnings.Length} warnings")}.");
            }

            return warnings.Length > 0 && parse.GetValue(strict) ? throw new ToolException($"'{parse.GetValue(set)}' has warnings, and --strict asks for none.") : Task.CompletedTask;
        });
        return command;
    }

    private static ToolCommand CreateGenerate(Terminal terminal)
    {
        Argument<string> domain = new("domain") { Description = "The texts you will embed and what for, in your words.", HelpName = "DOMAIN" };
        Option<string?> output = ToolOption.Text("--out", "Write the set to this file instead of the standard output.", "FILE", "-o");
        Option<string?> name = ToolOption.Text("--name", $"Name of the set. Default: {DefaultName}.", "NAME");
        Option<int> tasks = ToolOption.Number("--tasks", "Number of meta-tasks,", 1, 20, 4);
        Option<int> perTask = ToolOption.Number("--per-task", "Templates for each meta-task,", 1, 10, 2);
        Option<Uri?> endpoint = new("--endpoint") { Description = $"An OpenAI-compatible chat endpoint. Default: ${EndpointVariable}. Its key is ${KeyVariable}.", HelpName = "URL", CustomParser = ParseUri };
        Option<string?> chatModel = ToolOption.Text("--chat-model", $"The chat model to ask. Default: ${ModelVariable}.", "NAME");
        Option<string?> answer = ToolOption.Text("--answer", "Read the chat model's answer from this file instead of asking it.", "FILE");
        ToolCommand command = new(
            "generate",
            "Let a chat model write the templates for your texts (the paper's Figure 2), and check them. Without an endpoint, prints the request to paste into any chat model, whose answer --answer then reads.",
            "metaeol templates generate \"support tickets of a bank\" --endpoint http://localhost:11434/v1 --chat-model llama3.1 --out bank.json",
            "metaeol templates generate \"support tickets of a bank\" > request.txt",
            "metaeol templates generate \"support tickets of a bank\" --answer answer.txt --out bank.json")
        {
            domain, output, name, tasks, perTask, endpoint, chatModel, answer,
        };
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            TemplateSetRequest request = new(parse.GetValue(domain)!) { Name = parse.GetValue(name) ?? DefaultName, TaskCount = parse.GetValue(tasks), TemplatesPerTask = parse.GetValue(perTask) };
            TemplateSet set;
            if (parse.GetValue(answer) is { } file)
            {
                set = await ReadAsync(file, cancellationToken).ConfigureAwait(false);
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
                terminal.WriteLine(TemplateSetGenerator.CreatePrompt(request));
                return;
            }

            if (parse.GetValue(output) is { } target)
            {
                await File.WriteAllTextAsync(target, set.ToJson() + "\n", cancellationToken).ConfigureAwait(false);
                terminal.Notice($"{set.Templates.Count} templates written to '{Path.GetFullPath(target)}': use them with --templates.");
            }
            else
            {
                JsonResult.WriteText(terminal.Data, set.ToJson());
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

    private static async Task<TemplateSet> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path) is { Exists: true, Length: > LongestAnswer } large)
        {
            throw new ToolException($"'{path}' has {large.Length:N0} bytes: an answer with a template set has a few thousand.");
        }

        try
        {
            return TemplateSetGenerator.Parse(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (FormatException exception)
        {
            throw new ToolException($"'{path}' holds no usable template set: {exception.Message}", exception);
        }
    }

    private static Argument<string> SetArgument() => new("set") { Description = "A built-in set, one template of it (metaeol/emotion), or a JSON file.", HelpName = "SET" };

    private static Uri? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? ReadAddress(text) ?? throw new ToolException($"{name} is '{text}', which is not an http or https address.")
        : null;

    private static Uri? ParseUri(System.CommandLine.Parsing.ArgumentResult result)
    {
        Uri? address = ReadAddress(result.Tokens[0].Value);
        if (address is null)
        {
            result.AddError($"--endpoint is '{result.Tokens[0].Value}', which is not an http or https address such as http://localhost:11434/v1.");
        }

        return address;
    }

    private static Uri? ReadAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address : null;
}
