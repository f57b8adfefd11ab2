namespace MetaEol.AspNetCore.Models;

/// <summary>What a model's vectors depend on, as a short hash: that of a generator with the model's template set and role.</summary>
internal static class ModelFingerprint
{
    /// <returns>Null while the model is not loaded, and where it is not MetaEOL's.</returns>
    public static async Task<string?> OfAsync(ServedModel model, CancellationToken cancellationToken) =>
        model.MetaEol is { } generator && model.IsReady ? await generator.GetFingerprintAsync(model.Options(), cancellationToken).ConfigureAwait(false) : null;
}
