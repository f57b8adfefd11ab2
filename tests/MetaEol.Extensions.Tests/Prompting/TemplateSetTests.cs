using System.Text;
using System.Text.Json;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;

namespace MetaEol.Extensions.Tests.Prompting;

public class TemplateSetTests
{
    [Fact]
    public void MetaEol_HoldsTheTemplatesOfTheReferenceRecord()
    {
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "reference.json")));
        string[] expected = [.. reference.RootElement.GetProperty("templates").EnumerateArray().Select(template => template.GetString()!)];
        Assert.Equal(8, expected.Length);
        Assert.Equal(expected, TemplateSet.MetaEol.Templates.Select(template => template.Text));
        Assert.Equal(4, TemplateSet.MetaEol.Templates.Select(template => template.Task).Distinct().Count());
    }

    [Fact]
    public void PromptEol_IsOnePlainPrompt() =>
        Assert.Equal("This sentence : \"{text}\" means in one word:\"", Assert.Single(TemplateSet.PromptEol.Templates).Text);

    [Theory]
    [InlineData("metaeol", 8)]
    [InlineData("MetaEol", 8)]
    [InlineData("prompteol", 1)]
    [InlineData("metaeol/emotion", 1)]
    [InlineData("metaeol/Fact", 1)]
    public void Load_BuiltIn_FindsSetOrTemplate(string name, int templates) => Assert.Equal(templates, TemplateSet.Load(name).Templates.Count);

    [Fact]
    public void TypeConverter_ReadsNames()
    {
        System.ComponentModel.TypeConverter converter = System.ComponentModel.TypeDescriptor.GetConverter(typeof(TemplateSet));
        Assert.Same(TemplateSet.PromptEol, converter.ConvertFromInvariantString("prompteol"));
        Assert.Contains("'duo' or 'retrieval'", Assert.Throws<ArgumentException>(() => converter.ConvertFromInvariantString("meta")).Message);
    }

    [Fact]
    public void Json_ReadsNamesOfBuiltInSetsAndNoPaths()
    {
        Assert.Same(TemplateSet.PromptEol, JsonSerializer.Deserialize<TemplateSet>("\"prompteol\""));
        Assert.Single(JsonSerializer.Deserialize<TemplateSet>("\"metaeol/emotion\"")!.Templates);
        Assert.Equal(8, JsonSerializer.Deserialize<TemplateSet>(JsonSerializer.Serialize(TemplateSet.MetaEol))!.Templates.Count);
        using TestSupport.TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "set.json");
        File.WriteAllText(path, TemplateSet.PromptEol.ToJson());
        Assert.Contains("'duo' or 'retrieval'", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TemplateSet>(JsonSerializer.Serialize(path))).Message);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TemplateSet>("{}"));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TemplateSet>("\"metaeol/mood\""));
    }

    [Fact]
    public void Load_EveryTemplateOfASet_IsUsableAlone()
    {
        foreach (Template template in TemplateSet.MetaEol.Templates)
        {
            Assert.Same(template, Assert.Single(TemplateSet.Load($"metaeol/{template.Name}").Templates));
        }
    }

    [Fact]
    public void Load_UnknownTemplate_ListsThoseThatExist()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => TemplateSet.Load("metaeol/mood"));
        Assert.Contains("'mood'", e.Message);
        Assert.Contains("'emotion'", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("meta")]
    [InlineData("missing.json")]
    [InlineData("missing.json#a")]
    public void Load_Unknown_SaysWhatToWrite(string name)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => TemplateSet.Load(name));
        Assert.Contains($"'{name}'", e.Message);
        Assert.Contains("'duo' or 'retrieval'", e.Message);
    }

    [Fact]
    public void Load_File_ReadsSetOrOneTemplateOfIt()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{ "name": "own", "templates": [ { "name": "x", "text": "X {text}", "weight": 2 }, "Y {text}", ] } // end""", new UTF8Encoding(true));
            TemplateSet set = TemplateSet.Load(path);
            Assert.Equal(["x", "2"], set.Templates.Select(template => template.Name));
            Assert.Equal([2, 1], set.Templates.Select(template => template.Weight));
            Assert.Equal("Y {text}", Assert.Single(TemplateSet.Load(path + "#2").Templates).Text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "Array")]
    [InlineData("{}", "'templates'")]
    [InlineData("""{ "templates": ["{text}"] }""", "'name'")]
    [InlineData("""{ "name": 3, "templates": ["{text}"] }""", "'name'")]
    [InlineData("""{ "name": "a", "templates": "x" }""", "must be an array")]
    [InlineData("""{ "name": "a", "templates": [] }""", "at least one template")]
    [InlineData("""{ "name": "a", "templates": [ 3 ] }""", "templates[0]")]
    [InlineData("""{ "name": "a", "templates": [ "{text}", "none" ] }""", "templates[1]")]
    [InlineData("""{ "name": "a", "templates": [ { "name": "t", "text": "{text} {text}" } ] }""", "more than one {text}")]
    [InlineData("""{ "name": "a", "templates": [ { "text": "{text}", "weight": 0 } ] }""", "weight 0")]
    [InlineData("""{ "name": "a", "templates": [ { "text": "{text}", "weight": 1e999 } ] }""", "weight")]
    [InlineData("""{ "name": "a", "templates": [ { "text": "{text}", "weight": 1e308 }, { "text": "{text}", "weight": 1e308 } ] }""", "add up to more")]
    [InlineData("""{ "name": "a", "templates": [ { "text": "{text}", "weight": "1" } ] }""", "must be a number")]
    [InlineData("""{ "name": "a", "templates": [ { "text": "{text}", "wieght": 1 } ] }""", "'templates[0].wieght'")]
    [InlineData("""{ "name": "a", "template": [] }""", "'template'")]
    [InlineData("""{ "name": "a", "templates": [ { "name": "x", "text": "{text}" }, { "name": "X", "text": "{text}" } ] }""", "'X'")]
    [InlineData("""{ "name": "a", "templates": [ "\ud800{text}" ] }""", "Unicode")]
    public void FromJson_Invalid_NamesThePlace(string json, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => TemplateSet.FromJson(json)).Message);

    [Fact]
    public void ToJson_ReadsBackToTheSame()
    {
        var set = new TemplateSet("own", [new Template("A \"{text}\" ü", "a", "task", 0.5), new Template("{text}")], "for a test");
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(set.ToJson()));
        foreach (TemplateSet copy in new[] { TemplateSet.FromJson(set.ToJson()), TemplateSet.FromStream(stream), JsonSerializer.Deserialize<TemplateSet>(JsonSerializer.Serialize(set))! })
        {
            Assert.Equal(set.ToJson(), copy.ToJson());
            Assert.Equal(set.Fingerprint, copy.Fingerprint);
        }
    }

    [Fact]
    public void Fingerprint_ChangesWithTextWeightAndOrderOnly()
    {
        var a = new Template("A {text}", "a");
        var b = new Template("B {text}", "b");
        string fingerprint = new TemplateSet("s", [a, b]).Fingerprint;
        Assert.Equal(fingerprint, new TemplateSet("other", [new Template("A {text}", "x"), b], "text").Fingerprint);
        Assert.NotEqual(fingerprint, new TemplateSet("s", [b, a]).Fingerprint);
        Assert.NotEqual(fingerprint, new TemplateSet("s", [a]).Fingerprint);
        Assert.NotEqual(fingerprint, new TemplateSet("s", [a, new Template("B {text}", "b", weight: 2)]).Fingerprint);
        Assert.NotEqual(fingerprint, new TemplateSet("s", [a, new Template("B  {text}", "b")]).Fingerprint);
    }

    [Fact]
    public void Fingerprint_OfBuiltInSet_IsTheSameOnEveryMachine() =>
        Assert.Equal("319b3d780be21d83997c5ad3ed89b835", TemplateSet.PromptEol.Fingerprint);

    [Fact]
    public void Create_NoTemplates_Throws() => Assert.Contains("at least one", Assert.Throws<ArgumentException>(() => new TemplateSet("a", [])).Message);

    [Fact]
    public void Select_KeepsTheOrderGiven() =>
        Assert.Equal(["fact", "topic"], TemplateSet.MetaEol.Select("fact", "topic").Templates.Select(template => template.Name));
}
