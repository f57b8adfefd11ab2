namespace MetaEol.Tests.Documentation;

/// <summary>
/// What a C# snippet may take for granted without saying so: the one place for it. Namespaces of this library are not among it, so that every snippet shows which it needs.
/// </summary>
internal static class SnippetContext
{
    /// <summary>Those that every project of an application has by itself, and those of the README's first program.</summary>
    private static readonly string[] Namespaces =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
        "Microsoft.Extensions.AI", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    /// <summary>Names that snippets use for what the page speaks of, and the assembly that each takes.</summary>
    private static readonly (string Assembly, string Declaration)[] Names =
    [
        ("Microsoft.Extensions.Hosting", "Microsoft.Extensions.Hosting.HostApplicationBuilder builder"),
        ("Microsoft.Extensions.Hosting", "Microsoft.Extensions.Hosting.IHost host"),
        ("Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.DependencyInjection.IServiceCollection services"),
        ("Microsoft.Extensions.Configuration.Abstractions", "Microsoft.Extensions.Configuration.IConfiguration configuration"),
        ("Microsoft.SemanticKernel.Abstractions", "Microsoft.SemanticKernel.IKernelBuilder kernelBuilder"),
        ("MetaEol.Extensions", "MetaEol.Extensions.MetaEolEmbeddingGenerator generator"),
        ("MetaEol.Extensions", "MetaEol.Extensions.MetaEolOptions options"),
        ("MetaEol.Retrieval", "MetaEol.Retrieval.SearchIndex index"),
        ("System.Runtime", "string[] texts"),
        ("System.Runtime", "string text"),
        ("System.Runtime", "string[] passages"),
        ("System.Runtime", "string question"),
        ("System.Runtime", "System.Threading.CancellationToken cancellationToken"),
    ];

    /// <summary>The context as source.</summary>
    /// <param name="assemblies">The names of the assemblies that are referenced.</param>
    public static string Source(IReadOnlySet<string> assemblies)
    {
        IEnumerable<string> usings = Namespaces.Select(name => $"global using {name};");
        IEnumerable<string> names = Names.Where(name => assemblies.Contains(name.Assembly)).Select(name => $"    public static {name.Declaration} = default!;");
        return $$"""
            {{string.Join('\n', usings)}}
            global using static SnippetContext;

            #pragma warning disable CA2211, CS8019
            public static class SnippetContext
            {
            {{string.Join('\n', names)}}
            }
            """;
    }
}
