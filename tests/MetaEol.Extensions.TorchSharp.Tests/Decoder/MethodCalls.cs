using System.Reflection;
using System.Reflection.Emit;

namespace MetaEol.Extensions.TorchSharp.Tests.Decoder;

/// <summary>What the IL of a method calls.</summary>
internal static class MethodCalls
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF);

    /// <summary>All methods and constructors of an assembly, those of nested types included.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return assembly.GetTypes().SelectMany(type => type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own)));
    }

    /// <summary>The methods and constructors that a method's own body names.</summary>
    public static IEnumerable<MethodBase> Of(MethodBase method)
    {
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int i = 0; i < il.Length;)
        {
            int value = il[i++];
            OpCode code = Codes[value == 0xFE ? 0xFE00 | il[i++] : value];
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineTok
                && method.Module.ResolveMember(BitConverter.ToInt32(il, i), typeArguments, methodArguments) is MethodBase called)
            {
                yield return called;
            }

            i += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, i)),
                _ => 4,
            };
        }
    }
}
