namespace MetaEol.Llama.Tokenization;

/// <summary>A step that splits a text into words, or spells it otherwise, before the model sees it. Immutable.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Hands the words of a piece to the next step, in order.</summary>
    public abstract void Process(in TextPiece piece, PreTokenizerChain chain, int next, EncodeWorkspace workspace);
}
