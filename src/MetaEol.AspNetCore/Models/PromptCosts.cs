using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.AspNetCore.Models;

/// <summary>What texts cost, before they are tokenized in their prompts: prompt tokens, near enough to count a queue by.</summary>
internal sealed class PromptCosts(ServedModel model)
{
    // Where there is no tokenizer to ask: English has about four characters to a token.
    private const int CharactersPerToken = 4;

    private Templates? _templates;

    /// <summary>Most tokens that one of the templates has itself; 0 where there are none.</summary>
    public int LongestTemplate(ITokenizer tokenizer) => Of(tokenizer)?.Longest ?? 0;

    /// <summary>Tokens of a text.</summary>
    public static int TextTokens(ITokenizer? tokenizer, string text) => tokenizer?.CountTokens(text) ?? ((text.Length + CharactersPerToken - 1) / CharactersPerToken);

    /// <summary>Tokens of all prompts of a text.</summary>
    /// <param name="tokenizer">The model's tokenizer, or null.</param>
    /// <param name="textTokens">Tokens of the text itself.</param>
    public long PromptTokens(ITokenizer? tokenizer, int textTokens) =>
        tokenizer is not null && Of(tokenizer) is { } templates ? ((long)textTokens * templates.Count) + templates.Tokens : Math.Max(1, textTokens);

    private Templates? Of(ITokenizer tokenizer) => model.Templates is { } templates ? _templates ??= Count(tokenizer, templates) : null;

    private static Templates Count(ITokenizer tokenizer, IReadOnlyList<Template> templates)
    {
        // With what the tokenizer adds around a prompt.
        int[] tokens = [.. templates.Select(template => tokenizer.Encode(template.Format("")).Length)];
        return new Templates(tokens.Length, tokens.Sum(), tokens.Max());
    }

    private sealed record Templates(int Count, int Tokens, int Longest);
}
