using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Reads a <c>pattern</c>: <c>{"String": "…"}</c> or <c>{"Regex": "…"}</c>.</summary>
internal static class PatternReader
{
    public static TextPattern Read(JsonSection section)
    {
        if (section.Text("String") is string literal)
        {
            return TextPattern.OfLiteral(literal);
        }

        if (section.Text("Regex") is not string expression)
        {
            throw section.Fail("has neither 'String' nor 'Regex'; expected one of them with a string.");
        }

        try
        {
            return TextPattern.OfExpression(expression);
        }
        catch (InvalidModelException exception)
        {
            throw section.Fail($"cannot be used: {exception.Message}", exception);
        }
    }
}
