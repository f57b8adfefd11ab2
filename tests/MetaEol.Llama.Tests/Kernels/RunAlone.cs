namespace MetaEol.Llama.Tests.Kernels;

/// <summary>Tests that measure processor time: nothing else may run beside them.</summary>
[CollectionDefinition(nameof(RunAlone), DisableParallelization = true)]
public class RunAlone;
