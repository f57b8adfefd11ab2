using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;

namespace MetaEol.AspNetCore.Browser.Tests;

/// <summary>The page, used as a person would use it.</summary>
public sealed class PageTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    private const string Screenshots = "METAEOL_SCREENSHOTS";

    private const float Patience = 120_000;

    [SkippableTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Page_AtFirst_ShowsTextsTheirSimilarityWordsAndViews(ColorScheme scheme)
    {
        IPage page = await fixture.OpenAsync(scheme);
        List<string> problems = Watch(page);
        await page.ReloadAsync();
        await ReadyAsync(page, 5);

        Assert.Equal(25, await page.Locator("#similarity td.heat").CountAsync());
        Assert.Equal("1.000", await page.Locator("#similarity td.heat").First.TextContentAsync());
        Assert.Equal(64, await page.Locator("#words td.word").CountAsync());
        Assert.Equal(64, await page.Locator("#views td.heat").CountAsync());
        Assert.Contains("/v1/embeddings", await page.Locator("#code").TextContentAsync(), StringComparison.Ordinal);
        Assert.Empty(problems);
        if (Environment.GetEnvironmentVariable(Screenshots) is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"page-{scheme}.png"), FullPage = true });
        }
    }

    [SkippableFact]
    public async Task Texts_WhenChanged_AreComparedAtOnce()
    {
        IPage page = await fixture.OpenAsync();
        await ReadyAsync(page, 5);

        await page.Locator("#texts").FillAsync("A dog.\nA cat.");
        await ReadyAsync(page, 2);

        Assert.Equal(4, await page.Locator("#similarity td.heat").CountAsync());
        Assert.Equal(["A dog.", "A cat."], await page.Locator("#chosen option").AllTextContentsAsync());
    }

    [SkippableFact]
    public async Task WhatWasTyped_IsShownAsText()
    {
        const string Hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>'\"";
        IPage page = await fixture.OpenAsync();
        await ReadyAsync(page, 5);

        await page.Locator("#texts").FillAsync(Hostile);
        await ReadyAsync(page, 1);
        await page.Locator("#question").FillAsync(Hostile);
        await page.Locator("#question").PressAsync("Enter");
        await page.Locator("#results li").First.WaitForAsync();

        Assert.Equal("What a vector is: MetaEOL", await page.TitleAsync());
        Assert.Equal(0, await page.Locator("main img, main script, main b").CountAsync());
        Assert.Equal(Hostile, await page.Locator("#similarity tbody th").First.TextContentAsync());
        Assert.Contains("About <b>", await page.Locator("#results li").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains("'\\''", await page.Locator("#code").TextContentAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Switches_TakeEffectAtOnce()
    {
        IPage page = await fixture.OpenAsync();
        await ReadyAsync(page, 5);
        string Second() => page.Locator("#similarity td.heat").Nth(1).TextContentAsync().GetAwaiter().GetResult()!;
        string before = Second();

        await page.Locator("#layer").SelectOptionAsync("2");
        await ChangedAsync(page, before);
        string lower = Second();
        await page.Locator("#templates").SelectOptionAsync("demo:prompteol");
        await ChangedAsync(page, lower);

        string plain = Second();
        await page.Locator("#dimensions").SelectOptionAsync("32");
        await ChangedAsync(page, plain);

        Assert.NotEqual(before, lower);
        Assert.Contains("32 dimensions", await page.Locator("#status").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(8, await page.Locator("#words td.word").CountAsync());
        Assert.Contains("demo:prompteol", await page.Locator("#code").TextContentAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Page_ByKeyboardAlone_ReachesEverything()
    {
        IPage page = await fixture.OpenAsync();
        await ReadyAsync(page, 5);
        List<string> reached = [];

        for (int i = 0; i < 12; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            ILocator focused = page.Locator(":focus");
            reached.Add(await focused.CountAsync() == 0 ? "" : await focused.GetAttributeAsync("id") ?? await focused.TextContentAsync() ?? "");
        }

        Assert.Equal(["To the texts", "model", "templates", "layer", "dimensions", "texts", "chosen", "question", "Search", "tab-curl", "call", "copy"], reached);
        await page.Locator("#tab-curl").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Contains("import json", await page.Locator("#code").TextContentAsync(), StringComparison.Ordinal);
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Contains("EmbeddingClient", await page.Locator("#code").TextContentAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Errors_AreTold()
    {
        IPage page = await fixture.OpenAsync();
        await ReadyAsync(page, 5);

        await page.Locator("#texts").FillAsync(string.Concat(Enumerable.Repeat("snow and ice ", 400)));
        await Assertions.Expect(page.Locator("#status")).ToHaveClassAsync("wrong", new LocatorAssertionsToHaveClassOptions { Timeout = Patience });

        Assert.Contains("tokens", await page.Locator("#status").TextContentAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Key_WhereTheServerAsksForOne_IsAskedForAndSent()
    {
        await using WebApplication application = await PageFixture.StartAsync(options => options.ApiKeys.Add("secret"));
        IPage page = await fixture.OpenAsync(address: application.Urls.First());

        await page.Locator("#key").FillAsync("secret");
        await ReadyAsync(page, 5);

        Assert.Equal(25, await page.Locator("#similarity td.heat").CountAsync());
        Assert.DoesNotContain("secret", await page.Locator("#code").TextContentAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Page_AsksNobodyElse_AndForbidsIt()
    {
        IPage page = await fixture.OpenAsync();
        List<string> asked = [];
        page.Request += (_, request) => asked.Add(request.Url);

        IResponse? response = await page.ReloadAsync();
        await ReadyAsync(page, 5);

        Assert.All(asked, url => Assert.StartsWith(fixture.Address, url, StringComparison.Ordinal));
        string policy = (await response!.AllHeadersAsync())["content-security-policy"];
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    private static Task ReadyAsync(IPage page, int texts) =>
        Assertions.Expect(page.Locator("#status")).ToHaveTextAsync(new Regex($"^{texts} text"), new LocatorAssertionsToHaveTextOptions { Timeout = Patience });

    private static Task ChangedAsync(IPage page, string before) =>
        Assertions.Expect(page.Locator("#similarity td.heat").Nth(1)).Not.ToHaveTextAsync(before, new LocatorAssertionsToHaveTextOptions { Timeout = Patience });

    private static List<string> Watch(IPage page)
    {
        List<string> problems = [];
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                problems.Add(message.Text);
            }
        };
        page.PageError += (_, error) => problems.Add(error);
        return problems;
    }
}
