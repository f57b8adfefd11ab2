using MetaEol.Extensions;

namespace MetaEol.AspNetCore.Embedding;

/// <summary>What vectors are wanted.</summary>
/// <param name="Dimensions">Their width; null takes the model's.</param>
/// <param name="Layer">The layer; null takes the generator's.</param>
/// <param name="Normalize">Whether they are scaled to L2 norm 1: null leaves it to the generator.</param>
internal sealed record VectorRequest(int? Dimensions = null, LayerSelector? Layer = null, bool? Normalize = null);
