using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;

namespace MetaEol.Extensions;

/// <summary>
/// The views that one call of the encoder gave: hidden states <c>[prompts × layers × hidden]</c> of the prompts' last tokens. Prompts belong to items: to texts,
/// with one prompt for each template, or to the groups of ready prompts that were given.
/// </summary>
public sealed class ViewBatch
{
    private readonly TokenizedPrompts _prompts;
    private readonly WantedStates _wanted;

    internal ViewBatch(TokenizedPrompts prompts, int first, int count, WantedStates wanted, int hiddenSize, ReadOnlyMemory<float> states)
    {
        _prompts = prompts;
        _wanted = wanted;
        FirstItem = first;
        ItemCount = count;
        HiddenSize = hiddenSize;
        States = states;
    }

    /// <summary>Index of this batch's first item in its request.</summary>
    public int FirstItem { get; }

    /// <summary>Number of items, at least 1.</summary>
    public int ItemCount { get; }

    /// <summary>The indices into <c>hidden_states</c>, none negative, in the order of the states' second dimension.</summary>
    /// <exception cref="InvalidOperationException">Templates have layers of their own (never so where layers were asked for).</exception>
    public IReadOnlyList<int> Layers => _wanted.OfAll ?? throw new InvalidOperationException("These views come from layers of the templates' own.");

    /// <summary>Width of a hidden state.</summary>
    public int HiddenSize { get; }

    /// <summary>Tokens of all prompts of this batch.</summary>
    public long TokenCount => Enumerable.Range(FirstItem, ItemCount).Sum(_prompts.TokensOf);

    /// <summary>All states of this batch, <c>[prompts × layers × hidden]</c>, row-major, the items' prompts behind one another.</summary>
    public ReadOnlyMemory<float> States { get; }

    /// <summary>One view, <c>[hidden]</c>.</summary>
    /// <param name="item">The item, 0 .. <see cref="ItemCount"/> - 1.</param>
    /// <param name="prompt">The item's prompt: a template's index, or the place in the group.</param>
    /// <param name="layer">Position in <see cref="Layers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such view.</exception>
    public ReadOnlyMemory<float> this[int item, int prompt, int layer = 0]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prompt, (uint)PromptCount(item), nameof(prompt));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)_wanted.PerPrompt, nameof(layer));
            return ViewsOf(item).Slice(((prompt * _wanted.PerPrompt) + layer) * HiddenSize, HiddenSize);
        }
    }

    /// <summary>Number of an item's prompts.</summary>
    /// <param name="item">The item, 0 .. <see cref="ItemCount"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public int PromptCount(int item)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)item, (uint)ItemCount, nameof(item));
        return _prompts.PromptCount(FirstItem + item);
    }

    /// <summary>The views of one item, <c>[prompts × layers × hidden]</c>.</summary>
    /// <param name="item">The item, 0 .. <see cref="ItemCount"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlyMemory<float> ViewsOf(int item)
    {
        int prompts = PromptCount(item);
        int before = _prompts.FirstPrompt(FirstItem + item) - _prompts.FirstPrompt(FirstItem);
        int stride = _wanted.PerPrompt * HiddenSize;
        return States.Slice(before * stride, prompts * stride);
    }

    /// <summary>The states of this batch at one of its layers, <c>[prompts × hidden]</c>.</summary>
    internal ReadOnlyMemory<float> StatesAt(int layer)
    {
        if (_wanted.PerPrompt == 1)
        {
            return States;
        }

        float[] states = new float[States.Length / _wanted.PerPrompt];
        for (int to = 0, from = layer * HiddenSize; to < states.Length; to += HiddenSize, from += _wanted.PerPrompt * HiddenSize)
        {
            States.Span.Slice(from, HiddenSize).CopyTo(states.AsSpan(to));
        }

        return states;
    }

    /// <summary>The layer that a template's view comes from.</summary>
    internal int LayerOf(int template, int position = 0) => _wanted.LayerOf(template, position);

    /// <summary>The token behind each prompt of this batch, where prompts are the beginnings of a continuation.</summary>
    internal ReadOnlyMemory<int> NextTokens => _prompts.NextTokens(FirstItem, ItemCount);

    /// <summary>One text of this batch as it was tokenized: as it was given, or what was left of it.</summary>
    internal string Text(int item) => _prompts.Text(FirstItem + item);

    /// <summary>Throws if a state is none: if it holds NaN or infinity, or is the zero vector.</summary>
    /// <exception cref="InvalidModelException">One is none; the message names it.</exception>
    internal void ThrowIfFaulty()
    {
        ReadOnlySpan<float> states = States.Span;
        int fault = EncodeChecks.FindFault(states, HiddenSize);
        if (fault >= 0)
        {
            string state = $"The hidden state of {_prompts.Describe(_prompts.FirstPrompt(FirstItem) + (fault / (_wanted.PerPrompt * HiddenSize)))}";
            throw new InvalidModelException(states[fault] == 0
                ? $"{state} is the zero vector, which says nothing of it: the model's weights are zero, or its arithmetic leaves the range of float32."
                : $"{state} is {states[fault]} at dimension {fault % HiddenSize}: the model's weights hold NaN or infinity, or its arithmetic overflows float32.");
        }
    }
}
