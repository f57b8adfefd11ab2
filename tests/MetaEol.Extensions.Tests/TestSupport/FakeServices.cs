using MetaEol.Extensions.DependencyInjection;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>Registrations over the demo model's folder with fakes for tokenizer and encoder.</summary>
internal static class FakeServices
{
    public static MetaEolEmbeddingsBuilder WithFakes(this MetaEolEmbeddingsBuilder builder, FakeEncoder? encoder = null, Action? loading = null) => builder
        .UseTokenizer((_, _) => new FakeTokenizer())
        .UseEncoder((_, _) =>
        {
            loading?.Invoke();
            return encoder ?? new FakeEncoder();
        });

    public static MetaEolEmbeddingsBuilder AddFake(this IServiceCollection services, object? serviceKey = null) =>
        services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.TemplateSet = TemplateSet.PromptEol, serviceKey).WithFakes();
}
