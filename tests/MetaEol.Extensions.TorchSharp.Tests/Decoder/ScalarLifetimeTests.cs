using System.Reflection;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Tests.Decoder;

/// <summary>A <see cref="Scalar"/> that nobody holds may be finalized while native code reads it: no call may make one.</summary>
public class ScalarLifetimeTests
{
    [Fact]
    public void Calls_OfThisProject_MakeNoNumberOnTheWay()
    {
        string[] found = [.. MethodCalls.MethodsOf(typeof(TorchSharpOptions).Assembly)
            .SelectMany(method => MethodCalls.Of(method).Where(IsConversion).Select(_ => $"{method.DeclaringType}.{method.Name}"))];
        Assert.Empty(found);
    }

    [Fact]
    public void Calls_IntoTorchSharp_MakeNoNumberOfTheirOwn()
    {
        var called = MethodCalls.MethodsOf(typeof(TorchSharpOptions).Assembly).SelectMany(MethodCalls.Of).Where(IsTorchSharp).Where(method => !IsToScalar(method)).ToHashSet();
        Assert.Contains(called, method => method.Name == "add_" && method.GetParameters().Length == 2);
        string[] found = [.. called.Where(MakesNumber).Select(method => $"{method.DeclaringType}.{method}")];
        Assert.Empty(found);
    }

    [Fact]
    public void MakesNumber_AdditionWithoutAFactor_IsFound()
    {
        Assert.True(MakesNumber(typeof(torch.Tensor).GetMethod("add", [typeof(torch.Tensor)])!));
        Assert.False(MakesNumber(typeof(torch.Tensor).GetMethod("add", [typeof(torch.Tensor), typeof(Scalar)])!));
    }

    /// <summary>Whether a method of TorchSharp, or one of TorchSharp that it calls, makes a number.</summary>
    private static bool MakesNumber(MethodBase method)
    {
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>([method]);
        while (open.TryPop(out MethodBase? next))
        {
            if (IsConversion(next) || IsToScalar(next))
            {
                return true;
            }

            // What is virtual is resolved at run time only; TorchSharp's tensors and functions are not.
            if (seen.Add(next) && IsTorchSharp(next))
            {
                foreach (MethodBase called in MethodCalls.Of(next))
                {
                    open.Push(called);
                }
            }
        }

        return false;
    }

    private static bool IsTorchSharp(MethodBase method) => method.Module == typeof(torch).Module;

    private static bool IsConversion(MethodBase method) => method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit";

    private static bool IsToScalar(MethodBase method) => method.Name == nameof(ScalarExtensionMethods.ToScalar) && method.DeclaringType == typeof(ScalarExtensionMethods);
}
