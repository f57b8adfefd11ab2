namespace MetaEol.Fuzz.Running;

/// <summary>What an input did.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Key">What findings of one cause have in common: the exception and where it was thrown.</param>
/// <param name="Details">The exception as text, or what else there is to say.</param>
internal sealed record Finding(FindingKind Kind, string Key, string Details)
{
    /// <summary>Whether another finding is one of the same cause, as far as one can tell.</summary>
    public bool IsLike(Finding? other) => other is not null && other.Kind == Kind && other.Key == Key;
}
