using MetaEol.Tests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MetaEol.Docs.Tests;

/// <summary>The syntax of everything under <c>src</c>, for pages that must name what the code has.</summary>
internal static class SourceCode
{
    private static readonly Lazy<SyntaxNode[]> Files = new(() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(TestPaths.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(TestPaths.Root, file).Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin"))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), new CSharpParseOptions(LanguageVersion.CSharp14)).GetRoot()),
    ]);

    private static readonly Lazy<string[]> Literals = new(() => [.. Files.Value.SelectMany(Strings).Distinct()]);

    /// <summary>The texts of all strings; of interpolated ones, what stands between the holes.</summary>
    public static IReadOnlyList<string> Texts => Literals.Value;

    /// <summary>The log events: what stands in the attribute of each logging method.</summary>
    public static IEnumerable<(string? Id, string Level, string Message)> LogEvents() =>
        Files.Value.SelectMany(file => file.DescendantNodes().OfType<AttributeSyntax>()).Where(attribute => attribute.Name.ToString() == "LoggerMessage").Select(attribute =>
        {
            ExpressionSyntax[] arguments = [.. attribute.ArgumentList!.Arguments.Select(argument => argument.Expression)];
            return (
                arguments.OfType<LiteralExpressionSyntax>().FirstOrDefault(literal => literal.IsKind(SyntaxKind.NumericLiteralExpression))?.Token.ValueText,
                arguments.OfType<MemberAccessExpressionSyntax>().Single().Name.Identifier.ValueText,
                arguments.OfType<LiteralExpressionSyntax>().Single(literal => literal.IsKind(SyntaxKind.StringLiteralExpression)).Token.ValueText);
        });

    private static IEnumerable<string> Strings(SyntaxNode file)
    {
        foreach (SyntaxToken token in file.DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.StringLiteralToken) || token.IsKind(SyntaxKind.SingleLineRawStringLiteralToken) || token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken))
            {
                yield return token.ValueText;
            }
            else if (token.IsKind(SyntaxKind.InterpolatedStringTextToken))
            {
                yield return token.ValueText.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);
            }
        }
    }
}
