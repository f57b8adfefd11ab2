using System.Text.RegularExpressions;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

/// <summary>Holds the messages that <c>docs/troubleshooting.md</c> quotes against those in the code.</summary>
public partial class TroubleshootingPageTests
{
    private const char Hole = '…';

    public static TheoryData<string> Messages => [.. MarkdownPage.Read("docs/troubleshooting.md").Prose.SelectMany(line => Quoted().Matches(line.Text)).Select(match => match.Groups["message"].Value)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_IsInTheCode(string message)
    {
        string[] parts = [.. message.Split(Hole).Select(part => part.Trim()).Where(part => part.Length > 3)];
        Assert.Contains(parts, part => part.Length > 10);
        Assert.All(parts, part => Assert.True(IsInCode(part), $"No message in the code holds '{part}'."));
    }

    /// <summary>Whether a part stands in one string, or in several: of an interpolated string, the name of an option may be between them.</summary>
    private static bool IsInCode(string part)
    {
        if (SourceCode.Texts.Any(text => text.Contains(part, StringComparison.Ordinal)))
        {
            return true;
        }

        string[] withoutNames = [.. OptionName().Split(part).Select(piece => piece.Trim()).Where(piece => piece.Length > 0)];
        return withoutNames.Length > 0 && OptionName().IsMatch(part) && withoutNames.All(piece => SourceCode.Texts.Any(text => text.Contains(piece, StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"\*\*`(?<message>[^`]+)`\*\*")]
    private static partial Regex Quoted();

    /// <summary>What the code writes as <c>nameof</c>.</summary>
    [GeneratedRegex(@"\b(?:ModelPath|MaxTextTokens|MaxWaitingTokens|TextOverflow|Truncate|SearchIndexOptions\.Fingerprint)\b\.?")]
    private static partial Regex OptionName();
}
