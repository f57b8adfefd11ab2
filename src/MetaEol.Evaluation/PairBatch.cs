using MetaEol.Evaluation.SentEval;

namespace MetaEol.Evaluation;

/// <summary>Texts to embed together, and the pairs that can be scored once they are.</summary>
/// <param name="Texts">Different texts, which no other batch contains.</param>
/// <param name="Pairs">For each pair its index in the list of all pairs and its texts' indices in <paramref name="Texts"/>.</param>
internal sealed record PairBatch(IReadOnlyList<string> Texts, IReadOnlyList<(int Pair, int First, int Second)> Pairs)
{
    /// <summary>
    /// Cuts pairs into batches such that every text is in one batch only, so that each is embedded once and its vectors can be dropped with the batch. Pairs that
    /// share a text, directly or over others, form a group, and whole groups are gathered until a batch has <paramref name="textsPerBatch"/> texts.
    /// </summary>
    public static List<PairBatch> Split(IReadOnlyList<SentencePair> pairs, int textsPerBatch)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        List<int> parents = [];
        int Id(string text)
        {
            if (!ids.TryGetValue(text, out int id))
            {
                ids.Add(text, id = parents.Count);
                parents.Add(id);
            }

            return id;
        }

        int Root(int id)
        {
            while (parents[id] != id)
            {
                id = parents[id] = parents[parents[id]];
            }

            return id;
        }

        foreach (SentencePair pair in pairs)
        {
            parents[Root(Id(pair.Second))] = Root(Id(pair.First));
        }

        List<PairBatch> batches = [];
        Dictionary<string, int> texts = new(StringComparer.Ordinal);
        List<(int, int, int)> members = [];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, pairs.Count).GroupBy(pair => Root(ids[pairs[pair].First])))
        {
            foreach (int pair in group)
            {
                members.Add((pair, Index(pairs[pair].First), Index(pairs[pair].Second)));
            }

            if (texts.Count >= textsPerBatch)
            {
                Flush();
            }
        }

        Flush();
        return batches;

        int Index(string text)
        {
            if (!texts.TryGetValue(text, out int index))
            {
                texts.Add(text, index = texts.Count);
            }

            return index;
        }

        void Flush()
        {
            if (members.Count > 0)
            {
                batches.Add(new PairBatch([.. texts.OrderBy(text => text.Value).Select(text => text.Key)], members));
                (texts, members) = (new(StringComparer.Ordinal), []);
            }
        }
    }
}
