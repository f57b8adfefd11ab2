using System.Text.Json.Serialization;

namespace MetaEol.AspNetCore.Json;

/// <summary>A token of TEI's <c>/tokenize</c>: places in UTF-16 units of the text, or null where the token is none of its.</summary>
internal sealed record TextToken(int Id, string Text, bool Special, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Start, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Stop);
