using System.Security.Cryptography;
using System.Text;
using MetaEol.Extensions.Prompting;

namespace MetaEol.AspNetCore.Models;

/// <summary>What a model's vectors depend on, as a short hash.</summary>
internal static class ModelFingerprint
{
    /// <summary>
    /// That of the generator where the model has the generator's template set, and else one made of that and the template set's. Null while the model is not loaded, and where it is not MetaEOL's.
    /// </summary>
    public static async Task<string?> OfAsync(ServedModel model, CancellationToken cancellationToken)
    {
        if (model.MetaEol is not { } generator || !model.IsReady)
        {
            return null;
        }

        string own = await generator.GetFingerprintAsync(cancellationToken).ConfigureAwait(false);
        TemplateSet set = model.TemplateSet!;
        return set.Fingerprint == generator.TemplateSet.Fingerprint ? own : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{own}\0{set.Fingerprint}")).AsSpan(0, 16));
    }
}
