using System.Diagnostics;

namespace MetaEol.Extensions.Prompting;

/// <summary>One prompt with a place for the text: a language model is asked to say the text in one word, for one kind of task.</summary>
[DebuggerDisplay("{Name}: {Text}")]
public sealed class Template
{
    /// <summary>The place of the text in a template.</summary>
    public const string Placeholder = "{text}";

    /// <summary>Creates a template.</summary>
    /// <param name="text">The prompt, with exactly one <c>{text}</c>.</param>
    /// <param name="name">The template's name, unique in its set, without <c>/</c> and <c>#</c>; null lets the set number it.</param>
    /// <param name="task">The meta-task the template belongs to, for people; or null.</param>
    /// <param name="weight">The weight of this template's view in the mean, finite and above 0.</param>
    /// <param name="layer">The layer that this template's view comes from; null takes the request's.</param>
    /// <param name="role">The texts that the template is for; null for all.</param>
    /// <exception cref="ArgumentException">The text does not hold exactly one <c>{text}</c>, or the name, weight or role is not usable.</exception>
    public Template(string text, string? name = null, string? task = null, double weight = 1, LayerSelector? layer = null, TextRole? role = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string what = name is null ? $"Template {Excerpt.Of(text)}" : $"Template {Excerpt.Of(name)}";
        int at = text.IndexOf(Placeholder, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new ArgumentException($"{what} has no {Placeholder}: a template holds exactly one, where the text is to stand.", nameof(text));
        }

        if (text.IndexOf(Placeholder, at + Placeholder.Length, StringComparison.Ordinal) >= 0)
        {
            throw new ArgumentException($"{what} has more than one {Placeholder}: a template holds exactly one.", nameof(text));
        }

        if (name is not null && (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny('/', '#')))
        {
            throw new ArgumentException($"{Excerpt.Of(name)} is not a template's name: it must not be blank or hold '/' or '#'.", nameof(name));
        }

        if (!double.IsFinite(weight) || weight <= 0)
        {
            throw new ArgumentException($"{what} has weight {weight}: a weight is finite and above 0; leave out a template that is not to count.", nameof(weight));
        }

        if (role is { } given && !Enum.IsDefined(given))
        {
            throw new ArgumentException($"{what} has role {given}: write {string.Join(" or ", Enum.GetNames<TextRole>())}, or leave it out for both.", nameof(role));
        }

        Text = text;
        Name = name ?? "";
        Task = task;
        Weight = weight;
        Layer = layer;
        Role = role;
        Prefix = text[..at];
        Suffix = text[(at + Placeholder.Length)..];
    }

    /// <summary>A template of which a part comes from outside and may hold anything.</summary>
    internal Template(string prefix, string suffix, string name)
    {
        Text = string.Concat(prefix, Placeholder, suffix);
        Name = name;
        Weight = 1;
        Prefix = prefix;
        Suffix = suffix;
    }

    /// <summary>The prompt, with <c>{text}</c> where the text is to stand.</summary>
    public string Text { get; }

    /// <summary>The template's name, unique in its set.</summary>
    public string Name { get; }

    /// <summary>The meta-task the template belongs to, or null.</summary>
    public string? Task { get; }

    /// <summary>The weight of this template's view in the mean.</summary>
    public double Weight { get; }

    /// <summary>The layer that this template's view comes from; null takes the layer of the request or of the generator.</summary>
    /// <remarks>Views of different layers differ in length, before the final norm most of all, and the mean is weighed by it: see <see cref="Weight"/>.</remarks>
    public LayerSelector? Layer { get; }

    /// <summary>The texts that the template is for; null for all.</summary>
    public TextRole? Role { get; }

    /// <summary>What stands before the text.</summary>
    public string Prefix { get; }

    /// <summary>What stands after the text.</summary>
    public string Suffix { get; }

    /// <summary>The prompt for a text: the text in its place, and white space at the whole prompt's ends removed, as the reference does.</summary>
    /// <param name="text">The text; it is not changed, even if it holds <c>{text}</c> itself.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public string Format(string text) => Format(text, out _);

    /// <summary>As <see cref="Format(string)"/>, and where the text stands in the prompt.</summary>
    internal string Format(string text, out Range ofText)
    {
        ArgumentNullException.ThrowIfNull(text);
        string prompt = string.Concat(Prefix, text, Suffix);
        int start = 0;
        int end = prompt.Length;
        while (start < end && IsWhiteSpace(prompt[start]))
        {
            start++;
        }

        while (end > start && IsWhiteSpace(prompt[end - 1]))
        {
            end--;
        }

        // A text at an end of the prompt loses the white space there, too.
        int first = Math.Clamp(Prefix.Length, start, end);
        ofText = (first - start)..(Math.Clamp(Prefix.Length + text.Length, first, end) - start);
        return prompt[start..end];
    }

    /// <summary>What stands before the text in a prompt.</summary>
    internal string BeforeText() => Format("", out Range text)[..text.Start];

    internal Template Named(string name) => new(Text, name, Task, Weight, Layer, Role);

    internal Template At(LayerSelector? layer) => new(Text, Name, Task, Weight, layer, Role);

    internal Template ForAll() => new(Text, Name, Task, Weight, Layer);

    // Python's str.strip() removes U+001C .. U+001F too, which .NET does not call white space.
    private static bool IsWhiteSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';
}
