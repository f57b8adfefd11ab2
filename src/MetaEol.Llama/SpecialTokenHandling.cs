namespace MetaEol.Llama;

/// <summary>How a tokenizer reads special tokens such as <c>&lt;/s&gt;</c> or <c>&lt;|endoftext|&gt;</c> that stand in a text.</summary>
public enum SpecialTokenHandling
{
    /// <summary>They become the special token: the default of Hugging Face's <c>tokenizer(text)</c>.</summary>
    Recognize,

    /// <summary>
    /// They are plain text, like any other characters: Hugging Face's <c>split_special_tokens=True</c>. Added tokens that are not special (such as Qwen's
    /// <c>&lt;tool_call&gt;</c>) are still recognised, and the post-processor still adds its own tokens.
    /// </summary>
    PlainText,
}
