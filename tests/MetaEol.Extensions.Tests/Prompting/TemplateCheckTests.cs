using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions.Tests.Prompting;

public class TemplateCheckTests
{
    [Fact]
    public void FindWarnings_BuiltInTemplates_FindsNone() =>
        Assert.Empty(TemplateSet.BuiltIn.SelectMany(set => set.Templates).SelectMany(TemplateCheck.FindWarnings));

    [Theory]
    [InlineData("This sentence : \"{text}\" means:\"", "does not ask for one word")]
    [InlineData("Say it in one word. This sentence : \"{text}\" means:\"", "does not ask for one word")]
    [InlineData("This sentence : \"{text}\" means in one word:", "does not end with an opening quote")]
    [InlineData("\"{text}\" means in one word:\"", "The text stands first")]
    [InlineData("{text}\" means in one word:\"", "The text stands first")]
    [InlineData("This sentence : {text} means in one word:\"", "stands without quotes")]
    [InlineData("This sentence : \"{text} means in one word:\"", "stands without quotes")]
    [InlineData("This sentence : \"{text}\" means in one word:\" ", "ends with white space")]
    [InlineData("Dieser Satz : \u201e{text}\u201c bedeutet in One Word:\"", null)]
    public void FindWarnings_WhatBreaksATemplate_IsNamed(string text, string? expected)
    {
        IReadOnlyList<string> warnings = TemplateCheck.FindWarnings(new Template(text));
        if (expected is null)
        {
            Assert.Empty(warnings);
        }
        else
        {
            Assert.Contains(expected, Assert.Single(warnings), StringComparison.Ordinal);
        }
    }
}
