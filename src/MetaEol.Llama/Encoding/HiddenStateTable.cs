using MetaEol.Llama.Configuration;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Encoding;

/// <summary>Collects a call's results: the wanted hidden states of each different prompt, with the final norm where it belongs.</summary>
internal sealed unsafe class HiddenStateTable
{
    private readonly LlamaConfig _config;
    private readonly SortedPrompts _prompts;
    private readonly int[] _layers;
    private readonly float[] _finalNorm;
    private readonly float[]?[] _states;

    public HiddenStateTable(LlamaConfig config, SortedPrompts prompts, ReadOnlySpan<int> layers, float[] finalNorm)
    {
        _config = config;
        _prompts = prompts;
        _layers = layers.ToArray();
        _finalNorm = finalNorm;
        Depth = _layers.Max();
        _states = new float[]?[Depth + 1];
        Wanted = new bool[Depth + 1];
        foreach (int layer in layers)
        {
            Wanted[layer] = true;
            _states[layer] ??= new float[(long)prompts.Count * config.HiddenSize];
        }
    }

    /// <summary>Number of decoder layers to run: the highest wanted index into <c>hidden_states</c>.</summary>
    public int Depth { get; }

    /// <summary>For each index up to <see cref="Depth"/>, whether it is wanted.</summary>
    public bool[] Wanted { get; }

    /// <summary>Takes the hidden states of <paramref name="count"/> prompts from <paramref name="first"/>.</summary>
    public void Store(int index, int first, int count, float* states)
    {
        int size = _config.HiddenSize;
        fixed (float* target = &_states[index]![(long)first * size])
        fixed (float* norm = _finalNorm)
        {
            for (int i = 0; i < count; i++)
            {
                float* source = states + ((nint)i * size);
                if (index == _config.LayerCount)
                {
                    RmsNorm.Apply(source, norm, target + ((nint)i * size), size, _config.RmsNormEpsilon);
                }
                else
                {
                    new ReadOnlySpan<float>(source, size).CopyTo(new Span<float>(target + ((nint)i * size), size));
                }
            }
        }
    }

    /// <summary>Writes <c>[prompts × layers × hidden]</c> for the prompts in the order they were given.</summary>
    public void CopyTo(Span<float> hiddenStates)
    {
        int size = _config.HiddenSize;
        for (int p = 0; p < _prompts.IndexOfPrompt.Length; p++)
        {
            foreach (int layer in _layers)
            {
                _states[layer].AsSpan(_prompts.IndexOfPrompt[p] * size, size).CopyTo(hiddenStates);
                hiddenStates = hiddenStates[size..];
            }
        }
    }
}
