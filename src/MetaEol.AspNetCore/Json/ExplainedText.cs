namespace MetaEol.AspNetCore.Json;

/// <summary>One text of an explanation: the most probable next words of each template, and the cosines between the templates' views.</summary>
internal sealed record ExplainedText(NextWord[][] Words, double[][] Views);
