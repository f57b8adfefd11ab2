using System.Text.Json.Serialization;

namespace MetaEol.Extensions;

/// <summary>What a text is in a search. A template set may hold templates for questions beside those for documents; where it does not, roles make no difference.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TextRole>))]
public enum TextRole
{
    /// <summary>A text that is stored and found: what a text is unless the request says otherwise.</summary>
    Document,

    /// <summary>A question that is asked.</summary>
    Query,
}
