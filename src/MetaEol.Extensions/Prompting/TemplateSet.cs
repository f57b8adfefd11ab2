using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace MetaEol.Extensions.Prompting;

/// <summary>The templates whose views of a text are averaged into its embedding. Immutable.</summary>
[DebuggerDisplay("{Name}: {Templates.Count} templates")]
[JsonConverter(typeof(TemplateSetJsonConverter))]
[TypeConverter(typeof(TemplateSetTypeConverter))]
public sealed class TemplateSet
{
    private static readonly Lazy<TemplateSet> LazyMetaEol = new(() => TemplateSetJson.ReadResource("metaeol"));
    private static readonly Lazy<TemplateSet> LazyPromptEol = new(() => TemplateSetJson.ReadResource("prompteol"));
    private static readonly Lazy<TemplateSet> LazyEssence = new(() => TemplateSetJson.ReadResource("essence"));
    private static readonly Lazy<TemplateSet> LazyDuo = new(() => TemplateSetJson.ReadResource("duo"));
    private static readonly Lazy<TemplateSet> LazyRetrieval = new(() => TemplateSetJson.ReadResource("retrieval"));

    // As many as a message bears.
    private const int MostNames = 20;

    private readonly Lazy<string> _fingerprint;
    private readonly Lazy<TemplateSet> _forDocuments;
    private readonly Lazy<TemplateSet> _forQueries;

    /// <summary>Creates a template set.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="templates">At least one template; names must differ (letter case does not count). Templates without a name are numbered from 1.</param>
    /// <param name="description">What the set is for, or null.</param>
    /// <exception cref="ArgumentException">The name is blank, there is no template, two have the same name, the sum of the weights is not finite, or there are templates for one role only.</exception>
    public TemplateSet(string name, IEnumerable<Template> templates, string? description = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(templates);
        Template[] list = [.. templates];
        if (list.Length == 0)
        {
            throw new ArgumentException($"Template set {Excerpt.Of(name)} is empty: it needs at least one template, such as \"This sentence : \\\"{{text}}\\\" means in one word:\\\"\".", nameof(templates));
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < list.Length; i++)
        {
            if (list[i] is null)
            {
                throw new ArgumentException($"Template {i + 1} of set {Excerpt.Of(name)} is null.", nameof(templates));
            }

            if (list[i].Name.Length == 0)
            {
                list[i] = list[i].Named($"{i + 1}");
            }

            if (!names.Add(list[i].Name))
            {
                throw new ArgumentException($"Two templates of set {Excerpt.Of(name)} are called {Excerpt.Of(list[i].Name)}: names must differ.", nameof(templates));
            }
        }

        foreach (TextRole role in Enum.GetValues<TextRole>())
        {
            if (Array.TrueForAll(list, template => template.Role is { } other && other != role))
            {
                throw new ArgumentException($"Template set {Excerpt.Of(name)} has no template for role {role}: where templates have roles, each role needs one, and a template without a role serves all.", nameof(templates));
            }
        }

        if (!double.IsFinite(list.Sum(template => template.Weight)))
        {
            throw new ArgumentException($"The weights of template set {Excerpt.Of(name)} add up to more than a number can hold: only their ratios count, so divide them all by the largest.", nameof(templates));
        }

        Name = name;
        Description = description;
        Templates = Array.AsReadOnly(list);
        _fingerprint = new Lazy<string>(ComputeFingerprint);
        _forDocuments = new Lazy<TemplateSet>(() => Of(TextRole.Document));
        _forQueries = new Lazy<TemplateSet>(() => Of(TextRole.Query));
    }

    /// <summary>The built-in set <c>metaeol</c>: four meta-tasks with two templates each. The default.</summary>
    public static TemplateSet MetaEol => LazyMetaEol.Value;

    /// <summary>The built-in set <c>prompteol</c>: one plain prompt without a meta-task (Jiang et al., arXiv 2307.16645).</summary>
    public static TemplateSet PromptEol => LazyPromptEol.Value;

    /// <summary>The built-in set <c>essence</c>: one prompt that says first what of a sentence counts (after Zhang et al., arXiv 2404.03921).</summary>
    public static TemplateSet Essence => LazyEssence.Value;

    /// <summary>The built-in set <c>duo</c>: that prompt and one that asks to think first, each at a layer of its own (after Zhang et al., arXiv 2404.03921).</summary>
    public static TemplateSet Duo => LazyDuo.Value;

    /// <summary>The built-in set <c>retrieval</c>: two templates for documents and two for questions.</summary>
    public static TemplateSet Retrieval => LazyRetrieval.Value;

    /// <summary>All built-in sets.</summary>
    public static IReadOnlyList<TemplateSet> BuiltIn => [MetaEol, PromptEol, Essence, Duo, Retrieval];

    /// <summary>The names of the built-in sets, for messages.</summary>
    internal static string BuiltInNames => $"{string.Join(", ", BuiltIn.SkipLast(1).Select(set => $"'{set.Name}'"))} or '{BuiltIn[^1].Name}'";

    /// <summary>Whether every template has a layer of its own, so that none takes that of a request or a generator.</summary>
    internal bool HaveOwnLayers => Templates.All(template => template.Layer is not null);

    /// <summary>The set's name.</summary>
    public string Name { get; }

    /// <summary>What the set is for, or null.</summary>
    public string? Description { get; }

    /// <summary>The templates, in order.</summary>
    public IReadOnlyList<Template> Templates { get; }

    /// <summary>Whether templates have roles, so that questions and documents are put into different ones.</summary>
    public bool HasRoles => Templates.Any(template => template.Role is not null);

    /// <summary>
    /// A stable hash of everything that changes a vector: the templates' texts, weights, layers and roles, in order. 32 hexadecimal digits; the same on every machine. Names
    /// and descriptions do not count.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Finds a set by its name or path, as it stands in the configuration's <see cref="MetaEolOptions.TemplateSet"/>.</summary>
    /// <param name="nameOrPath">
    /// A built-in set (<c>metaeol</c>), one template of it (<c>metaeol/emotion</c>), the path of a JSON file (<c>my.json</c>), or one template of it
    /// (<c>my.json#name</c>).
    /// </param>
    /// <exception cref="ArgumentException">There is neither a built-in set nor a file of that name, or no such template in it.</exception>
    /// <exception cref="FormatException">The file does not hold a valid template set.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TemplateSet Load(string nameOrPath) => Load(nameOrPath, null);

    /// <summary>As <see cref="Load(string)"/>, with relative paths from <paramref name="baseFolder"/>; null takes the current directory.</summary>
    internal static TemplateSet Load(string nameOrPath, string? baseFolder)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        if (FindBuiltIn(nameOrPath) is { } builtIn)
        {
            return builtIn;
        }

        string accepted = $"write {BuiltInNames}, one template such as 'metaeol/emotion', or the path of a JSON file";
        if (nameOrPath.Length == 0 || nameOrPath.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"There is no template set {Excerpt.Of(nameOrPath)}: {accepted}.", nameof(nameOrPath));
        }

        // A full path needs no current directory, which may have been removed.
        string path = Path.IsPathFullyQualified(nameOrPath) ? Path.GetFullPath(nameOrPath) : Path.GetFullPath(nameOrPath, Path.GetFullPath(baseFolder ?? "."));
        if (File.Exists(path))
        {
            return FromFile(path);
        }

        int hash = path.LastIndexOf('#');
        return hash > 0 && File.Exists(path[..hash])
            ? FromFile(path[..hash]).Select(path[(hash + 1)..])
            : throw new ArgumentException($"There is no template set {Excerpt.Of(nameOrPath)} (as a file: {Excerpt.Of(path)}): {accepted}.", nameof(nameOrPath));
    }

    /// <summary>A built-in set or one template of it; null if the name is none.</summary>
    /// <exception cref="ArgumentException">The set has no such template.</exception>
    internal static TemplateSet? FindBuiltIn(string name)
    {
        foreach (TemplateSet set in BuiltIn)
        {
            if (name.Equals(set.Name, StringComparison.OrdinalIgnoreCase))
            {
                return set;
            }

            if (name.StartsWith(set.Name + "/", StringComparison.OrdinalIgnoreCase))
            {
                return set.Select(name[(set.Name.Length + 1)..]);
            }
        }

        return null;
    }

    /// <summary>Reads a set from a JSON file.</summary>
    /// <param name="path">The file: <c>{ "name": "...", "templates": [ { "name": "...", "text": "... {text} ...", "weight": 1, "layer": "75%" } ] }</c>.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The file does not hold a valid template set.</exception>
    public static TemplateSet FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TemplateSetJson.Read(File.ReadAllBytes(path), $"'{path}'");
    }

    /// <summary>Reads a set from a JSON stream.</summary>
    /// <param name="stream">UTF-8 JSON, as for <see cref="FromFile"/>; read to its end and left open.</param>
    /// <exception cref="FormatException">The stream does not hold a valid template set.</exception>
    public static TemplateSet FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return TemplateSetJson.Read(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), "the stream");
    }

    /// <summary>Reads a set from JSON text.</summary>
    /// <param name="json">JSON, as for <see cref="FromFile"/>.</param>
    /// <exception cref="FormatException">The text is not a valid template set.</exception>
    public static TemplateSet FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TemplateSetJson.Read(Encoding.UTF8.GetBytes(json), "the JSON text");
    }

    /// <summary>The set as JSON that <see cref="FromJson"/> reads.</summary>
    public string ToJson() => TemplateSetJson.Write(this);

    /// <summary>A set of some of this set's templates, in the order given.</summary>
    /// <param name="names">Names of templates; letter case does not count.</param>
    /// <remarks>Roles are kept where the choice has templates for both; else the chosen ones serve all texts.</remarks>
    /// <exception cref="ArgumentException">No name is given, one is given twice, or there is no such template.</exception>
    public TemplateSet Select(params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        Template[] chosen = [.. names.Select(Find)];
        bool servesAll = Array.TrueForAll(Enum.GetValues<TextRole>(), role => Array.Exists(chosen, template => template.Role is null || template.Role == role));
        return new TemplateSet($"{Name}/{string.Join('+', names)}", servesAll ? chosen : chosen.Select(template => template.ForAll()), Description);
    }

    /// <summary>The templates that texts of a role are put into, as a set without roles; this set itself where it has none.</summary>
    /// <param name="role">The role.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is not defined.</exception>
    public TemplateSet ForRole(TextRole role) => !HasRoles ? this : role switch
    {
        TextRole.Document => _forDocuments.Value,
        TextRole.Query => _forQueries.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, $"A role is {string.Join(" or ", Enum.GetNames<TextRole>())}."),
    };

    /// <summary>For each template the index into a model's <c>hidden_states</c>.</summary>
    /// <exception cref="ArgumentException">The model has no such layer; the message names the template.</exception>
    internal int[] ResolveLayers(LayerSelector ofOthers, int layerCount) =>
    [
        .. Templates.Select(template =>
        {
            try
            {
                return (template.Layer ?? ofOthers).Resolve(layerCount);
            }
            catch (ArgumentException e) when (template.Layer is not null)
            {
                throw new ArgumentException($"Template {Excerpt.Of(template.Name)} of set {Excerpt.Of(Name)}: {e.Message}", e);
            }
        }),
    ];

    /// <summary>The same templates, all with one layer of their own, or with none.</summary>
    /// <param name="layer">The layer of every template; null lets the request or the generator choose.</param>
    public TemplateSet WithLayer(LayerSelector? layer) => new(Name, Templates.Select(template => template.At(layer)), Description);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private Template Find(string name) =>
        Templates.FirstOrDefault(template => template.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"Template set {Excerpt.Of(Name)} has no template {Excerpt.Of(name)}: it has {string.Join(", ", Templates.Take(MostNames).Select(template => Excerpt.Of(template.Name)))}{(Templates.Count > MostNames ? ", …" : "")}.", nameof(name));

    private TemplateSet Of(TextRole role) => new(Name, Templates.Where(template => template.Role is null || template.Role == role).Select(template => template.ForAll()), Description);

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        foreach (Template template in Templates)
        {
            byte[] text = Encoding.UTF8.GetBytes(template.Text);
            BinaryPrimitives.WriteInt64LittleEndian(number, text.Length);
            hash.AppendData(number);
            hash.AppendData(text);
            BinaryPrimitives.WriteDoubleLittleEndian(number, template.Weight);
            hash.AppendData(number);
            if (template.Layer is not null || template.Role is not null)
            {
                // No text has a negative length, so that what follows is none.
                byte[] more = Encoding.UTF8.GetBytes($"{template.Layer}/{template.Role}");
                BinaryPrimitives.WriteInt64LittleEndian(number, -1 - more.Length);
                hash.AppendData(number);
                hash.AppendData(more);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
