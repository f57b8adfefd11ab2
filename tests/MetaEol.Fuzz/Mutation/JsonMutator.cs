using System.Text.Json;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Changes the values of JSON, so that most inputs come as far as what is made of them.</summary>
internal sealed class JsonMutator : IMutator
{
    private const int LongestText = 1 << 13;

    private readonly JsonTree[] _seeds;
    private readonly int[][][] _paths;
    private readonly string[] _keys;
    private readonly JsonTree[] _values;
    private readonly IReadOnlyList<string> _words;

    /// <param name="seeds">The inputs to change.</param>
    /// <param name="words">Texts of the file's language, to be put into strings.</param>
    /// <param name="values">Further values, as JSON, to be put in the place of others.</param>
    public JsonMutator(IReadOnlyList<byte[]> seeds, IReadOnlyList<string>? words = null, IReadOnlyList<string>? values = null)
    {
        Seeds = seeds;
        _words = words ?? [];
        _seeds = [.. seeds.Select(seed => JsonTree.Parse(seed))];
        _paths = Array.ConvertAll(_seeds, seed => seed.Paths().ToArray());
        JsonTree[] all = [.. _seeds.SelectMany((seed, i) => _paths[i].Select(path => seed.At(path)))];
        _keys = [.. all.SelectMany(tree => tree.Members ?? []).Select(member => member.Key).Distinct().Take(200)];
        _values = [.. (values ?? []).Select(value => JsonTree.Parse(System.Text.Encoding.UTF8.GetBytes(value))), .. all.Where(tree => tree.Literal is null)];
    }

    public IReadOnlyList<byte[]> Seeds { get; }

    public byte[] Create(FuzzRandom random) => CreateTree(random).ToBytes();

    public JsonTree CreateTree(FuzzRandom random)
    {
        int seed = random.Below(_seeds.Length);
        JsonTree tree = _seeds[seed];
        int[][] paths = _paths[seed];
        for (int changes = random.Length(8); changes > 0; changes--)
        {
            int[] path = PickPath(paths, random);
            tree = tree.With(path, Change(tree.At(path), random));
            if (changes > 1)
            {
                paths = [.. tree.Paths().Take(5000)];
            }
        }

        return tree;
    }

    // Half of the choices among what is not deep: large lists would get them all.
    private static int[] PickPath(int[][] paths, FuzzRandom random)
    {
        int[] path = random.Pick(paths);
        for (int tries = 0; path.Length > 2 && tries < 4 && random.OneIn(2); tries++)
        {
            path = random.Pick(paths);
        }

        return path.Length > 1 && random.OneIn(4) ? path[..^1] : path;
    }

    private JsonTree Change(JsonTree tree, FuzzRandom random)
    {
        switch (random.Below(12))
        {
            case 0 or 1:
                return JsonTree.OfLiteral(random.Pick(Interesting.Json));
            case 2 when _values.Length > 0:
                return random.Pick(_values);
            case 3:
                return Nest(tree, random);
            default:
                return tree.Members is not null ? ChangeMembers(tree, random)
                    : tree.Items is not null ? ChangeItems(tree, random)
                    : ChangeLiteral(tree.Literal!, random);
        }
    }

    private static JsonTree Nest(JsonTree tree, FuzzRandom random)
    {
        bool asObject = random.OneIn(3);
        for (int depth = random.OneIn(4) ? random.Between(40, 300) : random.Between(1, 3); depth > 0; depth--)
        {
            tree = asObject ? JsonTree.OfMembers([("\"a\"", tree)]) : JsonTree.OfItems([tree]);
        }

        return tree;
    }

    private JsonTree ChangeMembers(JsonTree tree, FuzzRandom random)
    {
        List<(string Key, JsonTree Value)> members = [.. tree.Members!];
        int at = random.Below(members.Count + 1);
        if (at == members.Count || random.OneIn(5))
        {
            members.Insert(at, (NewKey(random), _values.Length > 0 && random.OneIn(2) ? random.Pick(_values) : JsonTree.OfLiteral(random.Pick(Interesting.Json))));
        }
        else
        {
            switch (random.Below(5))
            {
                case 0:
                    members.RemoveAt(at);
                    break;
                case 1:
                    members.Add(members[at]);
                    break;
                case 2:
                    members[at] = (NewKey(random), members[at].Value);
                    break;
                case 3:
                    members[at] = (members[at].Key, members[random.Below(members.Count)].Value);
                    break;
                default:
                    members[at] = (members[at].Key, JsonTree.OfLiteral(random.Pick(Interesting.Json)));
                    break;
            }
        }

        return JsonTree.OfMembers(members);
    }

    private JsonTree ChangeItems(JsonTree tree, FuzzRandom random)
    {
        List<JsonTree> items = [.. tree.Items!];
        int at = random.Below(items.Count + 1);
        if (at == items.Count)
        {
            items.Add(_values.Length > 0 && random.OneIn(2) ? random.Pick(_values) : JsonTree.OfLiteral(random.Pick(Interesting.Json)));
            return JsonTree.OfItems(items);
        }

        switch (random.Below(5))
        {
            case 0:
                items.RemoveAt(at);
                break;
            case 1:
                items.InsertRange(at, Enumerable.Repeat(items[at], random.Length(500)));
                break;
            case 2:
                int other = random.Below(items.Count);
                (items[at], items[other]) = (items[other], items[at]);
                break;
            case 3:
                items.RemoveRange(at, items.Count - at);
                break;
            default:
                items[at] = items[random.Below(items.Count)];
                break;
        }

        return JsonTree.OfItems(items);
    }

    private JsonTree ChangeLiteral(string literal, FuzzRandom random)
    {
        if (literal.StartsWith('"'))
        {
            return JsonTree.OfLiteral(random.OneIn(12) ? TextMutator.Change(literal, [literal], ["\\", "\\u", "\\ud800", "\""], random, LongestText) : ChangeText(literal, random));
        }

        return JsonTree.OfLiteral(random.Below(6) switch
        {
            0 => "-" + literal,
            1 => literal + "0",
            2 => literal + ".5",
            3 => literal + "e9",
            4 => $"{random.Pick(Interesting.Numbers)}",
            _ => $"{random.Between(-2, 600)}",
        });
    }

    private string ChangeText(string literal, FuzzRandom random)
    {
        string text;
        try
        {
            text = JsonSerializer.Deserialize<string>(literal)!;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // A literal that an earlier change has spoiled.
            return literal;
        }

        text = TextMutator.Change(text, _words.Count > 0 ? _words : [text], _words, random, LongestText);
        return JsonTree.Quote(text);
    }

    private string NewKey(FuzzRandom random) => _keys.Length > 0 && !random.OneIn(3) ? random.Pick(_keys) : JsonTree.Quote(random.Pick(Interesting.Texts));
}
