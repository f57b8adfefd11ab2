using MetaEol.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace MetaEol.AspNetCore.Browser.Tests;

/// <summary>A running server, and a browser of this machine, if it has one.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    /// <summary>Names another browser than those that are looked for.</summary>
    public const string Variable = "METAEOL_CHROMIUM";

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public string Address { get; private set; } = "";

    internal WebApplication Application { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Application = await StartAsync();
        Address = Application.Urls.First();
        if (FindBrowser() is { } path)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = ["--no-sandbox"] });
        }
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Application.DisposeAsync();
    }

    internal static async Task<WebApplication> StartAsync(Action<EmbeddingServerOptions>? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMetaEolEmbeddings(TestPaths.DemoModel);
        builder.Services.AddEmbeddingServer(options);
        WebApplication application = builder.Build();
        application.MapOpenAIEmbeddings();
        application.MapEmbeddingPage((question, top, _) => Task.FromResult<IReadOnlyList<FoundPassage>>(
            [.. new[] { new FoundPassage("notes/music.md", 3, 0.75, $"About <b>{question}</b>"), new FoundPassage("notes/dogs.md", 9, 0.5, "Dogs run.") }.Take(top)]));
        await application.StartAsync();
        return application;
    }

    /// <summary>A new page; skips the test where there is no browser.</summary>
    internal async Task<IPage> OpenAsync(ColorScheme scheme = ColorScheme.Light, string? address = null)
    {
        Skip.If(_browser is null, $"There is no Chromium at {string.Join(", ", Places)} (apt-get install chromium), and {Variable} names none.");
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = 1100, Height = 900 } });
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(address ?? Address);
        return page;
    }

    private static string? FindBrowser() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Array.Find(Places, File.Exists);
}
