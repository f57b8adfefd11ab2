using MetaEol.Extensions.SmallVectors;

namespace MetaEol.Cli.Embedding;

/// <summary>What a run of <c>embed</c> has done, as <c>--json</c> tells it.</summary>
/// <param name="Output">The file; null for the standard output.</param>
/// <param name="Format">Its format.</param>
/// <param name="Fingerprint">Fingerprint of model, templates, layer and options: vectors with another one are not comparable.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Templates">The template set's name.</param>
/// <param name="Dimensions">Values of a vector.</param>
/// <param name="Type">Its numbers.</param>
/// <param name="Texts">Texts of the input that are done, those of earlier runs included.</param>
/// <param name="Rows">Rows of the output, those of earlier runs included.</param>
/// <param name="Resumed">Rows that earlier runs had written.</param>
/// <param name="Skipped">Texts and passages without a row.</param>
/// <param name="Cut">Texts and passages whose end was cut off.</param>
/// <param name="PromptTokens">Tokens of all prompts of this run.</param>
/// <param name="Seconds">What this run took.</param>
/// <param name="RowList">The list that tells which row is of what; null if there is none.</param>
/// <param name="ProblemList">The list of what was skipped or cut; null if nothing was.</param>
internal sealed record EmbedSummary(
    string? Output,
    OutputFormat Format,
    string Fingerprint,
    string? Model,
    string Templates,
    int Dimensions,
    VectorType Type,
    long Texts,
    long Rows,
    long Resumed,
    long Skipped,
    long Cut,
    long PromptTokens,
    double Seconds,
    string? RowList,
    string? ProblemList);
