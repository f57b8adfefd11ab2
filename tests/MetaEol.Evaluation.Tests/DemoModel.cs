using MetaEol.Extensions;
using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests;

/// <summary>The demo model, loaded once for the tests that need it.</summary>
public sealed class DemoModel : IDisposable
{
    public MetaEolEmbeddingGenerator Generator { get; } = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel });

    public void Dispose() => Generator.Dispose();
}
