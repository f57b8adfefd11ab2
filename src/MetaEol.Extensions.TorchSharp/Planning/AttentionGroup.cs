using System.Numerics;

namespace MetaEol.Extensions.TorchSharp.Planning;

/// <summary>
/// Blocks of queries that are attended to in one product: each has the keys of its first query's ancestors and of all tokens from the first to the last.
/// </summary>
/// <remarks>
/// Tokens in depth-first order that lie behind one another share most ancestors, so that a block needs few keys beyond those that each of its queries needs. Blocks
/// of about as many keys (up to the next power of two) form a group and are padded to one shape.
/// </remarks>
internal sealed class AttentionGroup
{
    /// <summary>Rows of a block: enough for a product to be worth while, few enough that little is computed that the mask throws away.</summary>
    private const int BlockRows = 64;

    /// <summary>With more ancestors than this, copying them together costs more than masked keys do: blocks are larger then.</summary>
    private const int ManyAncestors = 512;
    private const int LargeBlockRows = 256;

    /// <summary>Fused attention kernels want rows of the mask to begin at a multiple of this.</summary>
    private const int KeyAlignment = 8;

    private AttentionGroup(IReadOnlyList<Block> blocks, TreeTokens tree, int[] queries, int[] places, int firstPlace)
    {
        Blocks = blocks.Count;
        Rows = blocks.Max(block => block.EndQuery - block.FirstQuery);
        Keys = (blocks.Max(block => block.Keys.Length) + KeyAlignment - 1) / KeyAlignment * KeyAlignment;
        Queries = new int[Blocks * Rows];
        QueryTokens = new int[Blocks * Rows];
        QueryPositions = new int[Blocks * Rows];
        KeySlots = new int[Blocks * Keys];
        KeyTokens = new int[Blocks * Keys];
        KeyEnds = new int[Blocks * Keys];
        KeyPositions = new int[Blocks * Keys];
        for (int i = 0; i < Blocks; i++)
        {
            Block block = blocks[i];
            for (int row = 0; row < Rows; row++)
            {
                // Padding repeats the block's first query: a row that saw no key at all would be NaN.
                int query = block.FirstQuery + row < block.EndQuery ? block.FirstQuery + row : block.FirstQuery;
                Queries[(i * Rows) + row] = query;
                QueryTokens[(i * Rows) + row] = queries[query];
                QueryPositions[(i * Rows) + row] = tree.Positions[queries[query]];
            }

            for (int query = block.FirstQuery; query < block.EndQuery; query++)
            {
                places[query] = firstPlace + (i * Rows) + (query - block.FirstQuery);
            }

            // Padding keys keep an end of 0, which no row sees.
            for (int key = 0; key < block.Keys.Length; key++)
            {
                int token = block.Keys[key];
                KeySlots[(i * Keys) + key] = tree.Slots[token];
                KeyTokens[(i * Keys) + key] = token;
                KeyEnds[(i * Keys) + key] = tree.Ends[token];
                KeyPositions[(i * Keys) + key] = tree.Positions[token];
            }
        }

        Places = places;
    }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>Query rows of each block.</summary>
    public int Rows { get; }

    /// <summary>Keys of each block.</summary>
    public int Keys { get; }

    /// <summary><c>[blocks × rows]</c>: index of each query.</summary>
    public int[] Queries { get; }

    /// <summary><c>[blocks × rows]</c>: token of each query.</summary>
    public int[] QueryTokens { get; }

    /// <summary><c>[blocks × rows]</c>: position of each query.</summary>
    public int[] QueryPositions { get; }

    /// <summary><c>[blocks × keys]</c>: slot of each key.</summary>
    public int[] KeySlots { get; }

    /// <summary><c>[blocks × keys]</c>: token of each key.</summary>
    public int[] KeyTokens { get; }

    /// <summary><c>[blocks × keys]</c>: one past the last token that sees the key.</summary>
    public int[] KeyEnds { get; }

    /// <summary><c>[blocks × keys]</c>: position of each key.</summary>
    public int[] KeyPositions { get; }

    /// <summary>For each query of all groups, its place in their outputs behind one another.</summary>
    public int[] Places { get; }

    /// <summary>Cuts queries into blocks and groups them.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="queries">The tokens that ask, in order.</param>
    public static IReadOnlyList<AttentionGroup> Create(TreeTokens tree, int[] queries)
    {
        var groups = new List<AttentionGroup>();
        var places = new int[queries.Length];
        int firstPlace = 0;
        foreach (IGrouping<uint, Block> blocks in Cut(tree, queries).GroupBy(block => BitOperations.RoundUpToPowerOf2((uint)block.Keys.Length)))
        {
            var group = new AttentionGroup([.. blocks], tree, queries, places, firstPlace);
            groups.Add(group);
            firstPlace += group.Blocks * group.Rows;
        }

        return groups;
    }

    private static IEnumerable<Block> Cut(TreeTokens tree, int[] queries)
    {
        int begin = 0;
        while (begin < queries.Length)
        {
            int first = queries[begin];
            int[] ancestors = tree.Path(tree.Parents[first]);
            int maxRows = ancestors.Length <= ManyAncestors ? BlockRows : LargeBlockRows;
            int end = begin + 1;
            while (end < queries.Length && end - begin < maxRows && queries[end] - first < 2 * maxRows)
            {
                end++;
            }

            yield return new Block(begin, end, [.. ancestors, .. Enumerable.Range(first, queries[end - 1] - first + 1)]);
            begin = end;
        }
    }

    /// <summary>The queries FirstQuery .. EndQuery - 1 and the tokens whose keys they may see.</summary>
    private readonly record struct Block(int FirstQuery, int EndQuery, int[] Keys);
}
