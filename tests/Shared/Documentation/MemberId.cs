using System.Reflection;

namespace MetaEol.Tests.Documentation;

/// <summary>The names under which a compiler writes a member's XML documentation.</summary>
internal static class MemberId
{
    public static string Of(Type type) => $"T:{TypeName(type)}";

    public static string Of(MemberInfo member) => member switch
    {
        Type type => Of(type),
        ConstructorInfo constructor => $"M:{TypeName(constructor.DeclaringType!)}.#ctor{Parameters(constructor)}",
        MethodInfo method => $"M:{TypeName(method.DeclaringType!)}.{Name(method)}{Generics(method)}{Parameters(method)}{(method.Name is "op_Implicit" or "op_Explicit" ? $"~{ParameterType(method.ReturnType)}" : "")}",
        PropertyInfo property => $"P:{TypeName(property.DeclaringType!)}.{Name(property)}{Parameters(property.GetIndexParameters())}",
        FieldInfo field => $"F:{TypeName(field.DeclaringType!)}.{Name(field)}",
        EventInfo @event => $"E:{TypeName(@event.DeclaringType!)}.{Name(@event)}",
        _ => throw new ArgumentException($"{member} is a {member.MemberType}.", nameof(member)),
    };

    private static string TypeName(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    // Of an explicit implementation, the interface's dots are signs of its name.
    private static string Name(MemberInfo member) => member.Name.Replace('.', '#');

    private static string Generics(MethodInfo method) => method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";

    private static string Parameters(MethodBase method) => Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => ParameterType(parameter.ParameterType)))})";

    private static string ParameterType(Type type)
    {
        if (type.IsByRef)
        {
            return $"{ParameterType(type.GetElementType()!)}@";
        }

        if (type.IsArray)
        {
            return $"{ParameterType(type.GetElementType()!)}[{(type.GetArrayRank() == 1 ? "" : string.Join(',', Enumerable.Repeat("0:", type.GetArrayRank())))}]";
        }

        if (type.IsPointer)
        {
            return $"{ParameterType(type.GetElementType()!)}*";
        }

        if (type.IsGenericParameter)
        {
            return $"{(type.DeclaringMethod is null ? "`" : "``")}{type.GenericParameterPosition}";
        }

        return type.IsGenericType ? $"{TypeName(type).Split('`')[0]}{{{string.Join(',', type.GetGenericArguments().Select(ParameterType))}}}" : TypeName(type);
    }
}
