using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions;

/// <summary>The views of texts before pooling: <c>[texts × templates × layers × hidden]</c>.</summary>
public sealed class TemplateEmbeddings
{
    private readonly float[] _values;
    private readonly WantedStates _wanted;

    internal TemplateEmbeddings(int textCount, TemplateSet templateSet, WantedStates wanted, int hiddenSize)
    {
        _wanted = wanted;
        TextCount = textCount;
        TemplateSet = templateSet;
        HiddenSize = hiddenSize;
        long length = (long)textCount * templateSet.Templates.Count * wanted.PerPrompt * hiddenSize;
        _values = length <= Array.MaxLength
            ? new float[length]
            : throw new ArgumentException(
                $"{textCount} texts × {templateSet.Templates.Count} templates × {wanted.PerPrompt} layers × {hiddenSize} dimensions are more values than one array holds: ask for fewer texts at a time.",
                "values");
    }

    /// <summary>Number of texts.</summary>
    public int TextCount { get; }

    /// <summary>The templates, in the order of the second dimension.</summary>
    public TemplateSet TemplateSet { get; }

    /// <summary>The indices into <c>hidden_states</c>, none negative, in the order of the third dimension.</summary>
    /// <exception cref="InvalidOperationException">No layers were asked for, and templates have layers of their own: <see cref="LayerOf"/> tells each.</exception>
    public IReadOnlyList<int> Layers => _wanted.OfAll ?? throw new InvalidOperationException($"The templates of '{TemplateSet.Name}' have layers of their own: ask {nameof(LayerOf)} for each.");

    /// <summary>Number of views of a template: the third dimension.</summary>
    public int LayerCount => _wanted.PerPrompt;

    /// <summary>Width of a view.</summary>
    public int HiddenSize { get; }

    /// <summary>Tokens of all prompts.</summary>
    public long InputTokenCount { get; private set; }

    /// <summary>All values, <c>[texts × templates × layers × hidden]</c>, row-major.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>One view, <c>[hidden]</c>.</summary>
    /// <param name="text">Index of the text.</param>
    /// <param name="template">Index of the template in <see cref="TemplateSet"/>.</param>
    /// <param name="layer">Position in <see cref="Layers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such view.</exception>
    public ReadOnlyMemory<float> this[int text, int template, int layer = 0]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)text, (uint)TextCount, nameof(text));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)template, (uint)TemplateSet.Templates.Count, nameof(template));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)LayerCount, nameof(layer));
            return _values.AsMemory(((((text * TemplateSet.Templates.Count) + template) * LayerCount) + layer) * HiddenSize, HiddenSize);
        }
    }

    /// <summary>The index into <c>hidden_states</c> that a view comes from.</summary>
    /// <param name="template">Index of the template in <see cref="TemplateSet"/>.</param>
    /// <param name="layer">Position in the third dimension.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such view.</exception>
    public int LayerOf(int template, int layer = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)template, (uint)TemplateSet.Templates.Count, nameof(template));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)LayerCount, nameof(layer));
        return _wanted.LayerOf(template, layer);
    }

    /// <summary>Takes over the views of some texts.</summary>
    internal void Add(ViewBatch views)
    {
        int stride = TemplateSet.Templates.Count * LayerCount * HiddenSize;
        views.States.Span.CopyTo(_values.AsSpan(views.FirstItem * stride));
        InputTokenCount += views.TokenCount;
    }
}
