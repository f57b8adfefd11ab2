using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MetaEol.Tests.Documentation;

/// <summary>
/// The reference of a package as a page, made from its public surface and its XML documentation. It stands in <c>docs/api</c>, so that it can be read without an editor; what
/// records the public surface records the page, too.
/// </summary>
internal sealed partial class ApiReference
{
    private const string LineBreak = "<br>";

    private static readonly string[] Parts = ["typeparam", "param", "returns", "exception", "example"];

    private readonly Assembly _assembly;
    private readonly XmlDocumentation _documentation;

    private ApiReference(Assembly assembly) => (_assembly, _documentation) = (assembly, new XmlDocumentation(assembly));

    /// <summary>Asserts that the page of an assembly is the one that its documentation gives.</summary>
    public static void AssertRecorded(Assembly assembly)
    {
        string name = assembly.GetName().Name!;
        PublicSurface.AssertRecorded(
            Path.Combine("docs", "api", $"{name}.md"),
            Describe(assembly),
            $"docs/api/{name}.md is not what the XML documentation of {name} gives. To write it anew, run\n    {PublicSurface.RecordVariable}=1 dotnet test --filter PublicApiTests\nand commit the file.");
    }

    /// <summary>The page of an assembly.</summary>
    public static string Describe(Assembly assembly) => new ApiReference(assembly).Describe();

    private string Describe()
    {
        string name = _assembly.GetName().Name!;
        IGrouping<string, Type>[] namespaces = [.. _assembly.GetExportedTypes().OrderBy(type => type.Namespace, StringComparer.Ordinal).ThenBy(PublicSurface.TypeName, StringComparer.Ordinal).GroupBy(type => type.Namespace!)];
        var page = new StringBuilder();
        page.Append($"# {name}\n\nPublic types and members of the package `{name}`. This page is generated from the XML documentation in the code; [how to update it](README.md).\n\n");
        page.Append("| namespace | types |\n|---|---|\n");
        foreach (IGrouping<string, Type> types in namespaces)
        {
            page.Append($"| `{types.Key}` | {string.Join(", ", types.Select(type => $"[`{PublicSurface.TypeName(type)}`](#{Anchor(type)})"))} |\n");
        }

        foreach (IGrouping<string, Type> types in namespaces)
        {
            page.Append($"\n## Namespace {types.Key}\n");
            foreach (Type type in types)
            {
                AppendType(page, type);
            }
        }

        return page.ToString();
    }

    private void AppendType(StringBuilder page, Type type)
    {
        XElement documentation = _documentation.Of(type) ?? throw new InvalidOperationException($"{type} inherits its documentation from another library.");
        page.Append($"\n### {PublicSurface.TypeName(type)}\n\n`{PublicSurface.TypeLine(type)}`\n\n");
        AppendText(page, documentation.Element("summary"), "", "\n\n");
        AppendText(page, documentation.Element("remarks"), "", "\n\n");
        AppendParts(page, documentation.Elements("typeparam"), "");
        if (page[^2] != '\n')
        {
            page.Append('\n');
        }

        foreach ((string line, MemberInfo member) in PublicSurface.Members(type))
        {
            page.Append($"- `{line}`\n");
            if (_documentation.Of(member) is { } text)
            {
                AppendMember(page, member, text, documentation);
            }
        }
    }

    private void AppendMember(StringBuilder page, MemberInfo member, XElement documentation, XElement type)
    {
        // The documentation of a primary constructor is the type's, and that of a delegate's method, too.
        bool isOfType = documentation == type || documentation.Element("summary")?.Value == type.Element("summary")?.Value;
        if (!isOfType)
        {
            AppendText(page, documentation.Element("summary"), "  <br>", "\n");
            AppendText(page, documentation.Element("remarks"), "  <br>", "\n");
        }

        // What a property of the same name says need not be said twice.
        bool IsProperty(XElement part) => part.Name.LocalName == "param" && isOfType && member.DeclaringType!.GetProperty((string)part.Attribute("name")!) is not null;
        AppendParts(page, documentation.Elements().Where(part => !IsProperty(part)), "  ");
    }

    private void AppendParts(StringBuilder page, IEnumerable<XElement> parts, string indent)
    {
        foreach (XElement part in parts.OrderBy(part => Array.IndexOf(Parts, part.Name.LocalName)))
        {
            string? line = part.Name.LocalName switch
            {
                "typeparam" or "param" => $"`{(string?)part.Attribute("name")}`: {Text(part)}",
                "returns" => $"Returns: {Text(part)}",
                "exception" => $"Throws {Reference((string)part.Attribute("cref")!)}: {Text(part)}",
                "example" => $"Example: {Text(part)}",
                _ => null,
            };
            if (line is not null)
            {
                page.Append($"{indent}- {line}\n");
            }
        }
    }

    private void AppendText(StringBuilder page, XElement? element, string before, string after)
    {
        if (element is not null)
        {
            page.Append(before).Append(Text(element)).Append(after);
        }
    }

    private string Text(XElement element)
    {
        string text = WhiteSpace().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();
        return text.StartsWith(LineBreak, StringComparison.Ordinal) ? text[LineBreak.Length..] : text;
    }

    private string Text(XNode node) => node switch
    {
        XText text => Escape(text.Value),
        XElement { Name.LocalName: "c" or "code" } code => $"`{WhiteSpace().Replace(code.Value, " ").Trim()}`",
        XElement { Name.LocalName: "paramref" or "typeparamref" } reference => $"`{(string?)reference.Attribute("name")}`",
        XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => $"`{(string)word}`",
        XElement { Name.LocalName: "see" } see when see.Attribute("href") is { } address => $"[{(see.Value.Length == 0 ? (string)address : Text((XElement)see))}]({(string)address})",
        XElement { Name.LocalName: "see" } see => Reference((string)see.Attribute("cref")!),
        XElement { Name.LocalName: "em" } emphasis => $"*{Text((XElement)emphasis)}*",
        XElement { Name.LocalName: "para" } paragraph => $"{LineBreak}{Text((XElement)paragraph)}",
        XElement other => throw new InvalidOperationException($"<{other.Name}> in the XML documentation has no Markdown yet: {other}"),
        _ => "",
    };

    private string Reference(string cref)
    {
        if (_documentation.Find(cref) is not { } member)
        {
            string[] parts = cref[2..].Split('(')[0].Split('.');
            string last = Generic().Replace(parts[^1], "");
            if (cref[0] == 'T' && Type.GetType(cref[2..]) is { } type && (type.IsPrimitive || type == typeof(string) || type == typeof(object)))
            {
                return $"`{PublicSurface.TypeName(type)}`";
            }

            return $"`{(cref[0] == 'T' || parts.Length == 1 ? last : $"{Generic().Replace(parts[^2], "")}.{last}")}`";
        }

        Type owner = member as Type ?? member.DeclaringType!;
        string package = owner.Assembly.GetName().Name!;
        string name = member is Type ? PublicSurface.TypeName(owner) : $"{PublicSurface.TypeName(owner)}.{(member is ConstructorInfo ? owner.Name : member.Name)}";
        return $"[`{name}`]({(owner.Assembly == _assembly ? "" : $"{package}.md")}#{Anchor(owner)})";
    }

    private static string Anchor(Type type) => MarkdownPage.Slug(PublicSurface.TypeName(type));

    private static string Escape(string text) => Special().Replace(text, @"\$0").Replace("<", "&lt;", StringComparison.Ordinal);

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"``?\d+$")]
    private static partial Regex Generic();

    [GeneratedRegex(@"[*_\[\]|`]")]
    private static partial Regex Special();
}
