namespace MetaEol.Llama.Tokenization;

/// <summary>The pre-tokenizers in their order, and the model behind them. Words stream through, no list of them is made.</summary>
internal sealed class PreTokenizerChain(PreTokenizer[] steps, BpeModel model)
{
    public BpeModel Model { get; } = model;

    /// <summary>Gives a piece to step <paramref name="step"/>, or behind the last one to the model.</summary>
    public void Process(in TextPiece piece, int step, EncodeWorkspace workspace)
    {
        if (piece.Length == 0)
        {
            return;
        }

        if (step < steps.Length)
        {
            steps[step].Process(piece, this, step + 1, workspace);
        }
        else
        {
            Model.Encode(piece.Span, workspace);
        }
    }

    /// <summary>Whether the model is next: then a byte-level step need not spell its words out.</summary>
    public bool IsLast(int step) => step == steps.Length;
}
