using System.Reflection;
using System.Xml.Linq;
using System.Xml.XPath;

namespace MetaEol.Tests.Documentation;

/// <summary>The XML documentation of this library's assemblies, with what is inherited.</summary>
internal sealed class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemberInfo> _public = new(StringComparer.Ordinal);

    /// <summary>Reads an assembly's documentation, and that of all assemblies of this library which it references.</summary>
    public XmlDocumentation(Assembly assembly)
    {
        foreach (Assembly part in WithReferences(assembly))
        {
            foreach (XElement member in XDocument.Load(Path.ChangeExtension(part.Location, ".xml"), LoadOptions.PreserveWhitespace).Descendants("member"))
            {
                _members[(string)member.Attribute("name")!] = member;
            }

            foreach (Type type in part.GetExportedTypes())
            {
                _public[MemberId.Of(type)] = type;
                foreach ((_, MemberInfo member) in PublicSurface.Members(type))
                {
                    _public[MemberId.Of(member)] = member;
                }
            }
        }
    }

    /// <summary>The documentation of a member, or of what it implements or overrides where it says that it inherits it. Null where that is another library's, and for a default constructor.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public XElement? Of(MemberInfo member)
    {
        string id = MemberId.Of(member);
        if (!_members.TryGetValue(id, out XElement? element))
        {
            // The constructor that a class has by itself has no documentation; a delegate's method has the type's.
            return member is ConstructorInfo ? null
                : typeof(Delegate).IsAssignableFrom(member.DeclaringType) ? _members[MemberId.Of(member.DeclaringType!)]
                : throw new InvalidOperationException($"{id} has no XML documentation.");
        }

        XElement[] inherits = [.. element.Elements("inheritdoc")];
        if (inherits.Length == 0)
        {
            return element;
        }

        var all = new XElement(element.Name, element.Elements().Except(inherits));
        foreach (XElement inherit in inherits)
        {
            all.Add(Inherited(member, inherit).Where(part => !all.Elements(part.Name).Any(own => Key(own) == Key(part))).ToArray());
        }

        return all.HasElements ? all : null;
    }

    /// <summary>The public member of this library that a reference means, or null.</summary>
    public MemberInfo? Find(string cref) => _public.GetValueOrDefault(cref);

    private static IEnumerable<Assembly> WithReferences(Assembly assembly)
    {
        Queue<Assembly> open = new([assembly]);
        HashSet<string> seen = [assembly.GetName().Name!];
        while (open.TryDequeue(out Assembly? next))
        {
            yield return next;
            foreach (AssemblyName reference in next.GetReferencedAssemblies().Where(reference => reference.Name!.StartsWith("MetaEol.", StringComparison.Ordinal) && seen.Add(reference.Name)))
            {
                open.Enqueue(Assembly.Load(reference));
            }
        }
    }

    private static string? Key(XElement part) => (string?)part.Attribute("name") ?? (string?)part.Attribute("cref");

    /// <summary>What a member inherits: of the member that is named, or that it implements or overrides, all or what a path selects.</summary>
    private IEnumerable<XElement> Inherited(MemberInfo member, XElement inherit)
    {
        MemberInfo? source = inherit.Attribute("cref") is { } cref ? _public.GetValueOrDefault((string)cref) : Overridden(member);
        if (source is null || !_members.ContainsKey(MemberId.Of(source)) || Of(source) is not { } documentation)
        {
            return [];
        }

        return inherit.Attribute("path") is { } path ? documentation.XPathSelectElements(string.Join('|', ((string)path).Split('|').Select(part => part.TrimStart('/')))) : documentation.Elements();
    }

    /// <summary>What a member implements or overrides.</summary>
    private static MemberInfo? Overridden(MemberInfo member)
    {
        Type type = member as Type ?? member.DeclaringType!;
        if (member is Type)
        {
            return type.BaseType;
        }

        MethodInfo? method = member switch
        {
            MethodInfo self => self,
            PropertyInfo property => property.GetMethod ?? property.SetMethod,
            _ => null,
        };
        if (method is null)
        {
            return null;
        }

        MethodInfo? source = type.IsInterface ? null : type.GetInterfaces()
            .Select(type.GetInterfaceMap)
            .SelectMany(map => map.TargetMethods.Zip(map.InterfaceMethods))
            .Where(pair => pair.First == method)
            .Select(pair => pair.Second)
            .FirstOrDefault();
        source ??= method.GetBaseDefinition() is { } definition && definition != method ? definition : null;
        return member is PropertyInfo ? source?.DeclaringType!.GetProperties().FirstOrDefault(property => property.GetMethod == source || property.SetMethod == source) : source;
    }
}
