using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Pooling;

/// <summary>Makes a text's sparse vector from its templates' views: the next-word distribution of each through the output head, averaged.</summary>
internal sealed class SparsePooling
{
    // Where no word of a text is left, as PromptReps does it.
    private const int TermsOfNoWords = 10;

    // What makes whole numbers of weights, as PromptReps does it.
    private const float Scale = 100;

    private readonly OutputHead _head;
    private readonly Pipeline _pipeline;
    private readonly int _known;
    private readonly float[] _shares;
    private readonly SparseTerms _terms;
    private readonly int _maxTerms;

    public SparsePooling(Pipeline pipeline, OutputHead head, IReadOnlyList<Template> templates, SparseEmbeddingOptions options)
    {
        _pipeline = pipeline;
        _head = head;
        _known = Math.Min(head.VocabularySize, pipeline.Tokenizer.VocabularySize);
        double total = templates.Sum(template => template.Weight);
        _shares = [.. templates.Select(template => (float)(template.Weight / total))];
        _terms = options.Terms;
        _maxTerms = options.MaxTerms;
    }

    /// <summary>One vector for each text of a batch.</summary>
    /// <param name="views">The views.</param>
    /// <param name="position">Which of their layers counts.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public SparseEmbedding[] Pool(ViewBatch views, int position, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<float> states = views.StatesAt(position);
        int layer = views.LayerOf(0, position), width = _shares.Length * views.HiddenSize;
        return _terms == SparseTerms.Vocabulary
            ? [.. FindTop(states.Span, layer, _maxTerms, cancellationToken).Select(ToVector)]
            : [.. Enumerable.Range(0, views.ItemCount).Select(item => PoolWords(views.Text(item), states.Span.Slice(item * width, width), layer, cancellationToken))];
    }

    private SparseEmbedding PoolWords(string text, ReadOnlySpan<float> states, int layer, CancellationToken cancellationToken)
    {
        int[] tokens = TokensOfWords(text);
        if (tokens.Length == 0)
        {
            return ToWholeNumbers(FindTop(states, layer, Math.Min(TermsOfNoWords, _maxTerms), cancellationToken)[0]);
        }

        float[] weights = new float[tokens.Length];
        _head.ComputeTerms(states, layer, _shares, tokens, weights, cancellationToken);
        return ToWholeNumbers(tokens.Zip(weights, (id, weight) => new TokenWeight(id, weight)).OrderByDescending(term => term.Weight).ThenBy(term => term.Id).Take(_maxTerms));
    }

    private IReadOnlyList<IReadOnlyList<TokenWeight>> FindTop(ReadOnlySpan<float> states, int layer, int count, CancellationToken cancellationToken) =>
        _head.FindTopTerms(states, layer, _shares, count, _known, cancellationToken);

    // Ids that the model does not have are none of its words.
    private int[] TokensOfWords(string text)
    {
        var tokens = new HashSet<int>();
        foreach (string word in TextWords.Of(text).Distinct())
        {
            foreach (int id in _pipeline.OwnTokens(word))
            {
                if ((uint)id < (uint)_known)
                {
                    tokens.Add(id);
                }
            }
        }

        return [.. tokens];
    }

    private static SparseEmbedding ToWholeNumbers(IEnumerable<TokenWeight> terms) =>
        ToVector(terms.Select(term => term with { Weight = MathF.Round(term.Weight * Scale, MidpointRounding.ToEven) }).Where(term => term.Weight > 0));

    private static SparseEmbedding ToVector(IEnumerable<TokenWeight> terms)
    {
        TokenWeight[] ascending = [.. terms.OrderBy(term => term.Id)];
        return new SparseEmbedding(Array.ConvertAll(ascending, term => term.Id), Array.ConvertAll(ascending, term => term.Weight));
    }
}
