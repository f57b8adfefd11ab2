using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace MetaEol.Tests;

/// <summary>
/// What an assembly shows to its users, as text: one line for each type and member. It stands in <c>PublicApi.txt</c> beside the project, so that every change of it shows in review.
/// </summary>
internal static class PublicSurface
{
    /// <summary>With this environment variable set to 1 the files are written anew.</summary>
    public const string RecordVariable = "METAEOL_RECORD_PUBLIC_API";

    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>Asserts that an assembly's public surface is the recorded one.</summary>
    public static void AssertRecorded(Assembly assembly)
    {
        string name = assembly.GetName().Name!;
        AssertRecorded(
            Path.Combine("src", name, "PublicApi.txt"),
            Describe(assembly),
            $"The public surface of {name} is not what src/{name}/PublicApi.txt says. If that is meant, run the test with {RecordVariable}=1 and commit the file.");
    }

    /// <summary>Asserts that a file of the repository holds a text; writes it where the tests are asked to record.</summary>
    public static void AssertRecorded(string file, string actual, string message)
    {
        string path = Path.Combine(TestPaths.Root, file);
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        string recorded = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        string[] before = recorded.Split('\n'), after = actual.Split('\n');
        string changes = string.Join('\n', [.. before.Except(after).Select(line => $"- {line}"), .. after.Except(before).Select(line => $"+ {line}")]);
        Assert.True(recorded == actual, $"{message}\n{changes}");
    }

    /// <summary>All public types and members of an assembly, in order of their names, constructors first.</summary>
    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(TypeLine(type)).Append('\n');
            foreach ((string line, _) in Members(type))
            {
                text.Append("    ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>A type's members as lines, in order of their names, constructors first; those of an enumeration in order of their values.</summary>
    public static IEnumerable<(string Line, MemberInfo Member)> Members(Type type) =>
        Unordered(type).OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal).Select(member => (member.Line, member.Member));

    /// <summary>A type as a line: what it is, what it is called, and what it derives from.</summary>
    public static string TypeLine(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsInterface ? "interface"
            : type.IsValueType ? $"{(type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct"
            : $"{(type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsSealed ? "sealed " : type.IsAbstract ? "abstract " : "")}{(type.GetMethod("<Clone>$") is null ? "class" : "record")}";
        Type[] inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<Type> bases = type.IsEnum || type.IsValueType || kind == "delegate" ? [] : new[] { type.BaseType }.OfType<Type>().Where(parent => parent != typeof(object));
        IEnumerable<Type> interfaces = type.IsEnum || kind == "delegate" ? [] : type.GetInterfaces().Except(inherited).Where(face => face.IsVisible);
        string[] parents = [.. bases.Select(TypeName), .. interfaces.Select(TypeName).Order(StringComparer.Ordinal)];
        string space = type.IsNested ? "" : $"{type.Namespace}.";
        return $"{kind} {space}{TypeName(type)}{(parents.Length == 0 ? "" : $" : {string.Join(", ", parents)}")}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<(string Name, string Line, MemberInfo Member)> Unordered(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => (Field: field, Value: Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)))
                .Select(member => ($"{member.Value:D19}", $"{member.Field.Name} = {member.Value}", (MemberInfo)member.Field));
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return [("", Method(invoke), invoke)];
        }

        return
        [
            .. type.GetConstructors(Declared).Where(IsVisible).Select(member => ("", $"{Access(member)}{Plain(type.Name)}({Parameters(member)})", (MemberInfo)member)),
            .. type.GetProperties(Declared).Where(member => member.GetAccessors(nonPublic: true).Any(IsVisible)).Select(member => (member.Name, Property(member), (MemberInfo)member)),
            .. type.GetEvents(Declared).Where(member => IsVisible(member.AddMethod!)).Select(member => (member.Name, $"{Access(member.AddMethod!)}event {TypeName(Nullability.Create(member))} {member.Name}", (MemberInfo)member)),
            .. type.GetFields(Declared).Where(member => member.IsPublic || member.IsFamily || member.IsFamilyOrAssembly).Select(member => (member.Name, Field(member), (MemberInfo)member)),
            .. type.GetMethods(Declared).Where(member => IsVisible(member) && IsOwn(member)).Select(member => (member.Name, Method(member), (MemberInfo)member)),
        ];
    }

    /// <summary>Whether a method is one that somebody wrote: no accessor, nothing of a record's, no override of what every object has.</summary>
    private static bool IsOwn(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !method.IsDefined(typeof(CompilerGeneratedAttribute))
        && method.GetBaseDefinition().DeclaringType != typeof(object);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) =>
        $"{(method.IsPublic ? "" : "protected ")}{(method.IsStatic ? "static " : method.DeclaringType!.IsInterface ? (method.IsAbstract ? "" : "default ") : method.IsAbstract ? "abstract " : "")}{Virtual(method)}";

    private static string Virtual(MethodBase method) => method is not MethodInfo { IsVirtual: true, IsAbstract: false, IsFinal: false } info || info.DeclaringType!.IsInterface ? ""
        : info.GetBaseDefinition() == info ? "virtual " : "override ";

    private static string Property(PropertyInfo property)
    {
        MethodInfo any = property.GetAccessors(nonPublic: true).First(IsVisible);
        string Accessor(MethodInfo? accessor, string name) => accessor is null || !IsVisible(accessor) ? "" : $" {(accessor.IsPublic ? "" : "protected ")}{name};";
        bool init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"this[{string.Join(", ", parameters.Select(Parameter))}]" : property.Name;
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{Access(any)}{required}{TypeName(Nullability.Create(property))} {index} {{{Accessor(property.GetMethod, "get")}{Accessor(property.SetMethod, init ? "init" : "set")} }}";
    }

    private static string Field(FieldInfo field)
    {
        string modifier = field.IsLiteral ? "const " : $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}";
        return $"{(field.IsPublic ? "" : "protected ")}{modifier}{TypeName(Nullability.Create(field))} {field.Name}{(field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "")}";
    }

    private static string Method(MethodInfo method) =>
        $"{Access(method)}{TypeName(Nullability.Create(method.ReturnParameter))} {method.Name}{Arguments(method.GetGenericArguments())}({(method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")}{Parameters(method)}){Constraints(method.GetGenericArguments())}";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string pass = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params "
            : !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        return $"{pass}{TypeName(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Literal(parameter.DefaultValue)}" : "")}";
    }

    private static string TypeName(NullabilityInfo info)
    {
        Type type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        string mark = info.ReadState == NullabilityState.Nullable && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsArray && info.ElementType is { } element)
        {
            return $"{TypeName(element)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        return type.IsGenericType && Nullable.GetUnderlyingType(type) is null && !type.IsNested && info.GenericTypeArguments.Length > 0
            ? $"{Plain(type.Name)}<{string.Join(", ", info.GenericTypeArguments.Select(TypeName))}>{mark}"
            : $"{TypeName(type)}{mark}";
    }

    /// <summary>A type as C# writes it, without its namespace.</summary>
    public static string TypeName(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (type.HasElementType)
        {
            string element = TypeName(type.GetElementType()!);
            return type.IsArray ? $"{element}[{new string(',', type.GetArrayRank() - 1)}]" : type.IsPointer ? $"{element}*" : element;
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        string outer = type.IsNested ? $"{TypeName(type.DeclaringType!)}." : "";
        return Nullable.GetUnderlyingType(type) is { } underlying ? $"{TypeName(underlying)}?" : $"{outer}{Plain(type.Name)}{Arguments(type.GetGenericArguments())}";
    }

    private static string Arguments(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(TypeName))}>";

    private static string Constraints(Type[] parameters)
    {
        IEnumerable<string> Of(Type parameter)
        {
            GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
            bool value = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            return
            [
                .. value ? ["struct"] : Array.Empty<string>(),
                .. attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
                .. parameter.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType)).Select(TypeName),
                .. !value && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) ? ["new()"] : Array.Empty<string>(),
            ];
        }

        return string.Concat(parameters.Where(parameter => parameter.IsGenericParameter && Of(parameter).Any()).Select(parameter => $" where {parameter.Name} : {string.Join(", ", Of(parameter))}"));
    }

    private static string Plain(string name) => name.Split('`')[0];

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        Enum name => $"{name.GetType().Name}.{name}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
