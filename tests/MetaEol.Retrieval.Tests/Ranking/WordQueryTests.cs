using MetaEol.Retrieval.Ranking;

namespace MetaEol.Retrieval.Tests.Ranking;

public sealed class WordQueryTests
{
    [Theory]
    [InlineData("Which film is funny?", "\"film\" OR \"funny\"")]
    [InlineData("dog DOG Dogs", "\"dog\" OR \"dogs\"")]
    [InlineData("the who", "\"the\" OR \"who\"")]
    [InlineData("What's the state-of-the-art (C++20)?", "\"state\" OR \"art\" OR \"c\" OR \"20\"")]
    [InlineData("größer naïve", "\"größer\" OR \"naïve\"")]
    [InlineData("日本語 text 猫", "\"日\" OR \"日  本\" OR \"本  語\" OR \"text\" OR \"猫\"")]
    [InlineData("?!…", null)]
    [InlineData("\ud83d 😀", null)]
    public void Create_Question_JoinsItsTellingWords(string question, string? expected) => Assert.Equal(expected, WordQuery.Create(question));

    public static TheoryData<string> Hostile =>
    [
        "\"", "\"\"\"", "' OR 1=1 --", "x'); DROP TABLE passages; --", "NEAR(a b, 2)", "AND", "a AND", "OR OR", "NOT x", "heading:x", "{heading body}:x", "-x", "^x", "x*", "x + y", "(", ")", "((((",
        "* *", "\\", "\0", "a\0b", "a\"b", "𝔸𝔹", "\u0301", "\u200b", "x\u202ey", "--", "/* x */", "$1", "?1", ":a", "@a", "\ud83d", "\uffff",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Search_AnythingAUserMayWrite_IsPlainText(string question)
    {
        using SearchIndex index = new(new HashGenerator());
        await index.UpdateAsync([new SearchDocument("a", "Near and or not heading body drop table passages.\n\nSomething else, a \"quoted\" word."), new SearchDocument("b", "No more.")]);

        foreach (SearchMode mode in new[] { SearchMode.Hybrid, SearchMode.Dense, SearchMode.Words })
        {
            Assert.InRange((await index.SearchAsync(question + " ", new SearchOptions { Mode = mode })).Count, 0, 3);
            await index.SearchAsync($"quoted {question} word", new SearchOptions { Mode = mode });
        }

        Assert.Contains(await index.SearchAsync($"quoted {question}", new SearchOptions { Mode = SearchMode.Words }), result => result.Passage.Text == "Something else, a \"quoted\" word.");
    }

    [Fact]
    public async Task Search_QuestionOfAMillionWords_Works()
    {
        using SearchIndex index = new(new HashGenerator());
        await index.UpdateAsync([new SearchDocument("a", "word5 and more.\n\nOther.")]);
        string question = string.Join(' ', Enumerable.Range(0, 100_000).Select(i => $"word{i}"));
        Assert.Single(await index.SearchAsync(question, new SearchOptions { Mode = SearchMode.Words }));
    }

    [Theory]
    [InlineData("犬が雪の中を走る", "雪", true)]
    [InlineData("犬が雪の中を走る", "雪の中", true)]
    [InlineData("犬が雪の中を走る", "猫", false)]
    [InlineData("Die Hunde liefen", "HUNDE", true)]
    [InlineData("ÉCOLE fermée", "ecole fermee", true)]
    [InlineData("He was running", "run", true)]
    public async Task Search_Words_MatchByStemCaseAndCharacter(string text, string question, bool found)
    {
        using SearchIndex index = new(new HashGenerator());
        await index.UpdateAsync([new SearchDocument("a", text), new SearchDocument("b", "Nothing."), new SearchDocument("c", "Less.")]);
        Assert.Equal(found, (await index.SearchAsync(question, new SearchOptions { Mode = SearchMode.Words })).Count > 0);
    }
}
