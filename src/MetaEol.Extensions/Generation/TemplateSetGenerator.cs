using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Generation;

/// <summary>Lets a chat model write the templates for a domain, as the authors of MetaEOL did (figure 2 of the paper), and checks what comes back.</summary>
public sealed class TemplateSetGenerator
{
    // As many as a message bears.
    private const int MostWarnings = 20;

    private readonly IChatClient _client;

    /// <summary>Creates a generator.</summary>
    /// <param name="client">The chat model. It is not disposed.</param>
    public TemplateSetGenerator(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
    }

    /// <summary>Most times the model is asked: once, and again with what was wrong. At least 1. Default: 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The request as text, to paste into any chat model.</summary>
    /// <param name="request">What is wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number of the request is out of range.</exception>
    public static string CreatePrompt(TemplateSetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.TaskCount, 1, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.TaskCount, 20, nameof(request));
        ArgumentOutOfRangeException.ThrowIfLessThan(request.TemplatesPerTask, 1, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.TemplatesPerTask, 10, nameof(request));
        return $$"""
            Write prompt templates that let a language model sum up a text in one word, from several points of view.

            The texts: {{request.Domain}}

            1. Choose {{request.TaskCount}} different kinds of task that people do with such texts (for example text classification, sentiment analysis, paraphrase identification, information extraction), such that together they cover what matters in them.
            2. For each kind of task write {{request.TemplatesPerTask}} templates. Each describes a concrete task in one or two sentences (who does what with the text, with examples of possible answers), and then asks for the answer for this text in one word.

            Every template
            - contains {text} exactly once, in double quotes: "{text}"
            - has its instruction before the text,
            - ends with the words  in one word:"  (the last character is an opening double quote, with nothing behind it),
            - does not mention a sentence's length, language or style of answer otherwise, and is in the language of the texts.

            Example: A library files every sentence under one topic, such as science, sports or politics. The topic under which this sentence : "{text}" belongs is, in one word:"

            Answer with JSON only, in this form (mind the escaped quotes):
            {"name": "{{request.Name}}", "templates": [{"task": "text classification", "name": "topic", "text": "A library files ... this sentence : \"{text}\" belongs is, in one word:\""}]}
            """;
    }

    /// <summary>Reads the template set out of a chat model's answer, with or without a code fence and words around it.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The set; every template asks for one word and has no warning of <see cref="TemplateCheck"/>.</returns>
    /// <exception cref="FormatException">There is no valid template set in the answer; the message says what is wrong with it.</exception>
    public static TemplateSet Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        int start = answer.IndexOf('{', StringComparison.Ordinal), end = answer.LastIndexOf('}');
        if (start < 0 || end < start)
        {
            throw new FormatException("The answer holds no JSON object: it must hold one with 'name' and 'templates'.");
        }

        TemplateSet set = TemplateSet.FromJson(answer[start..(end + 1)]);
        string[] warnings = [.. set.Templates.SelectMany(template => TemplateCheck.FindWarnings(template).Select(warning => $"Template {Excerpt.Of(template.Name)}: {warning}"))];
        return warnings.Length == 0 ? set
            : throw new FormatException($"{string.Join(' ', warnings.Take(MostWarnings))}{(warnings.Length > MostWarnings ? $" There are {warnings.Length - MostWarnings} more." : "")}");
    }

    /// <summary>Asks the chat model for a template set; where the answer is not usable, tells it why and asks again.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="options">Options of the chat, or null.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The set.</returns>
    /// <exception cref="FormatException">No answer was usable; the message says what is wrong with the last.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<TemplateSet> GenerateAsync(TemplateSetRequest request, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> messages = [new(ChatRole.User, CreatePrompt(request))];
        for (int attempt = 1; ; attempt++)
        {
            ChatResponse response = await _client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            try
            {
                return Parse(response.Text);
            }
            catch (FormatException exception) when (attempt < MaxAttempts)
            {
                messages.AddRange(response.Messages);
                messages.Add(new ChatMessage(ChatRole.User, $"That cannot be used: {exception.Message} Answer again with the whole corrected JSON only."));
            }
        }
    }
}
