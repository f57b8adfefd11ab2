using Microsoft.Extensions.Options;

namespace MetaEol.Retrieval.DependencyInjection;

/// <summary>Validates the options of one registration.</summary>
internal sealed class SearchIndexOptionsValidator(string optionsName) : IValidateOptions<SearchIndexOptions>
{
    public ValidateOptionsResult Validate(string? name, SearchIndexOptions options)
    {
        if (name != optionsName)
        {
            return ValidateOptionsResult.Skip;
        }

        string[] failures = [.. options.Failures()];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
