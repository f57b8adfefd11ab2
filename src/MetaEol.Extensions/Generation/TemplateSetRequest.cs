namespace MetaEol.Extensions.Generation;

/// <summary>What template set a chat model is asked to write.</summary>
public sealed record TemplateSetRequest
{
    /// <summary>Creates a request.</summary>
    /// <param name="domain">The texts that will be embedded, and what for, in the user's words: <c>support tickets of a bank, to find earlier answers</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="domain"/> is blank.</exception>
    public TemplateSetRequest(string domain)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(domain);
        Domain = domain;
    }

    /// <summary>The texts that will be embedded, and what for.</summary>
    public string Domain { get; }

    /// <summary>Name of the set. Default: <c>generated</c>.</summary>
    public string Name { get; init; } = "generated";

    /// <summary>Number of meta-tasks, 1 to 20. Default: 4, as in the paper.</summary>
    public int TaskCount { get; init; } = 4;

    /// <summary>Number of templates for each meta-task, 1 to 10. Default: 2, as in the paper.</summary>
    public int TemplatesPerTask { get; init; } = 2;
}
