using System.Text;

namespace MetaEol.Cli.Embedding;

/// <summary>How an input is to be read; null where its name says it.</summary>
/// <param name="Field">The field of JSON lines that holds the text.</param>
/// <param name="Column">The column of a table that holds the text: its heading, or its number from 1 in a table without headings.</param>
/// <param name="Separator">What stands between a table's columns.</param>
/// <param name="Encoding">The encoding of its bytes where no mark at the beginning tells another; UTF-8 if null.</param>
internal sealed record InputOptions(string? Field, string? Column, char? Separator, Encoding? Encoding);
