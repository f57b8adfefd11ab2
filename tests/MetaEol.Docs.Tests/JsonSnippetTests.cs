using System.Text.Json.Nodes;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;
using MetaEol.Tests.Documentation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MetaEol.Docs.Tests;

/// <summary>Reads the JSON of all pages as the library reads it.</summary>
public class JsonSnippetTests
{
    /// <summary>Sections of an <c>appsettings.json</c> that are other libraries' business, or read by a package's own tests.</summary>
    private static readonly string[] OtherSections = ["Logging", "TorchSharp"];

    public static TheoryData<string, int> Snippets
    {
        get
        {
            var places = new TheoryData<string, int>();
            foreach (MarkdownPage page in MarkdownPage.All)
            {
                foreach (Fence block in page.Fences.Where(block => block.Language == "json"))
                {
                    places.Add(page.Path, block.Line);
                }
            }

            return places;
        }
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_IsReadAsItStandsThere(string path, int line)
    {
        MarkdownPage page = MarkdownPage.Read(path);
        string text = page.Fences.Single(block => block.Line == line).Text;
        JsonObject root = Assert.IsType<JsonObject>(JsonNode.Parse(text));
        if (root.ContainsKey("templates"))
        {
            Assert.NotEmpty(TemplateSet.FromJson(text).Templates);
            return;
        }

        AssertIsConfiguration(page, text, root);
    }

    [Theory]
    [InlineData("""{ "MetaEol": { "ModelPath": "models/demo", "TemplateSets": "metaeol" } }""", "MetaEol:TemplateSets is not an option")]
    [InlineData("""{ "MetaEol": { "ModelPath": "models/demo", "Cpu": { "Precision": "Int4" } } }""", "MetaEol:Cpu:Precision is 'Int4'")]
    [InlineData("""{ "MetaEol": { "ModelPath": "models/demo" }, "MetaEolSearch": { "Passages": 3 } }""", "Passages")]
    public void Read_WrongConfiguration_IsFound(string text, string expected)
    {
        Exception? error = Record.Exception(() => AssertIsConfiguration(MarkdownPage.Read("README.md"), text, (JsonObject)JsonNode.Parse(text)!));
        Assert.Contains(expected, error?.Message, StringComparison.Ordinal);
    }

    private static void AssertIsConfiguration(MarkdownPage page, string text, JsonObject root)
    {
        string[] sections = [.. root.Select(section => section.Key)];
        Assert.All(sections, section => Assert.True(section is "MetaEol" or "MetaEolSearch" || OtherSections.Contains(section), $"{page.Path}: '{section}' is no section that a test reads."));

        // What the configuration names has to be there: every model is the demo model, and the template files are those that the page shows.
        using var content = new TemporaryFolder();
        if (root["MetaEol"]?["ModelPath"] is { } model)
        {
            string folder = Path.Combine(content.Path, (string)model!);
            Directory.CreateDirectory(folder);
            foreach (string file in Directory.EnumerateFiles(TestPaths.DemoModel))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
        }

        foreach (string set in page.Fences.Where(block => block.Language == "json" && block.Text.Contains("\"templates\"", StringComparison.Ordinal)).Select(block => block.Text))
        {
            File.WriteAllText(Path.Combine(content.Path, $"{(string)JsonNode.Parse(set)!["name"]!}.json"), set);
        }

        string settings = Path.Combine(content.Path, "appsettings.json");
        File.WriteAllText(settings, text);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = content.Path, DisableDefaults = true });
        builder.Configuration.AddJsonFile(settings);
        if (sections.Contains("MetaEol"))
        {
            builder.Services.AddMetaEolEmbeddings();
        }

        if (sections.Contains("MetaEolSearch"))
        {
            builder.Services.AddMetaEolSearch();
        }

        using IHost host = builder.Build();
        host.Services.GetService<IStartupValidator>()?.Validate();
    }
}
