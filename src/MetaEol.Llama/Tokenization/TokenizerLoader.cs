using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>Loads the tokenizer of a Hugging Face model folder, so that it gives the ids of <c>AutoTokenizer.from_pretrained(folder)</c> in transformers 4.57.</summary>
/// <remarks>
/// <para>
/// A <c>tokenizer.json</c> is complete in itself, with one exception. Where <c>tokenizer_class</c> in the <c>tokenizer_config.json</c> beside it is
/// <c>LlamaTokenizer</c>, <c>CodeLlamaTokenizer</c> or <c>GemmaTokenizer</c>, with or without <c>Fast</c> behind it, Hugging Face sets the post-processor anew: the text
/// gets <c>bos_token</c> before it if <c>add_bos_token</c> is true (the default) and <c>eos_token</c> behind it if <c>add_eos_token</c> is true (not the default).
/// These tokens are strings or objects with <c>content</c>; one that is missing has the name of its class (<c>&lt;s&gt;</c>, <c>&lt;/s&gt;</c>; Gemma: <c>&lt;bos&gt;</c>,
/// <c>&lt;eos&gt;</c>); one that is null, but is to be added, is an error, as is one that the tokenizer lacks. With every other class, or none, what
/// tokenizer.json says holds.
/// </para>
/// <para>
/// A folder with a SentencePiece <c>tokenizer.model</c> alone is read as Hugging Face converts it: the model's control and user-defined pieces, and the tokens that the
/// settings name (<c>bos_token</c>, <c>eos_token</c>, <c>unk_token</c>, <c>pad_token</c>), are found in a text before the model sees the rest. With <c>legacy</c> true (the
/// default) each stretch between them gets a dummy space of its own, else only one at the start of the text that does not begin with a space itself;
/// <c>add_prefix_space</c> false means none. <see cref="SpecialTokenHandling.PlainText"/> is SentencePiece's own reading of the whole text.
/// <c>add_bos_token</c> and <c>add_eos_token</c> decide here too; without them the text gets the model's own BOS and no EOS. Tokens beyond
/// the pieces of the model are not read from the settings: save such a tokenizer as tokenizer.json.
/// </para>
/// <para>In folders whose settings do not list <c>added_tokens_decoder</c>, the special tokens of <c>special_tokens_map.json</c> go before those of the settings.</para>
/// </remarks>
public static class TokenizerLoader
{
    /// <summary>Loads a tokenizer.</summary>
    /// <param name="folderOrFile">
    /// A folder with <c>tokenizer.json</c> (preferred, if both are there) or <c>tokenizer.model</c>; or the path of such a file, whose name then ends with <c>.json</c> or <c>.model</c>.
    /// </param>
    /// <returns>The tokenizer, safe to use from many threads at once.</returns>
    /// <exception cref="ArgumentException"><paramref name="folderOrFile"/> is null or empty.</exception>
    /// <exception cref="InvalidModelException">There is no tokenizer, the file is damaged, or it asks for something that is not supported.</exception>
    public static ITokenizer Load(string folderOrFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(folderOrFile);
        if (!Directory.Exists(folderOrFile) && Path.Exists(folderOrFile))
        {
            string folderOfFile = Path.GetDirectoryName(Path.GetFullPath(folderOrFile))!;
            return Path.GetExtension(folderOrFile).ToUpperInvariant() switch
            {
                ".JSON" => Load(folderOrFile, ModelFileKind.TokenizerJson, new ModelFolder(folderOfFile)),
                ".MODEL" => Load(folderOrFile, ModelFileKind.SentencePiece, new ModelFolder(folderOfFile)),
                ".GGUF" => throw new InvalidModelException($"'{folderOrFile}' {FileSignature.Gguf}"),
                _ => throw new InvalidModelException($"'{folderOrFile}' is not known as a tokenizer. Expected a file whose name ends with .json (Hugging Face) or .model (SentencePiece)."),
            };
        }

        if (!Path.Exists(folderOrFile))
        {
            throw new InvalidModelException($"There is no file or folder '{folderOrFile}'. Expected a model folder, a {ModelFileKind.TokenizerJson.Name} or a {ModelFileKind.SentencePiece.Name}.");
        }

        var folder = new ModelFolder(folderOrFile);
        ModelFileKind kind = folder.Has(ModelFileKind.TokenizerJson.Name) ? ModelFileKind.TokenizerJson
            : folder.Has(ModelFileKind.SentencePiece.Name) ? ModelFileKind.SentencePiece
            : throw folder.Missing($"The folder '{folderOrFile}' has no tokenizer. Expected {ModelFileKind.TokenizerJson.Name}, or {ModelFileKind.SentencePiece.Name} of SentencePiece.");
        return Load(folder.PathOf(kind.Name), kind, folder);
    }

    private static ITokenizer Load(string path, ModelFileKind kind, ModelFolder folder)
    {
        byte[] content = ModelFile.ReadAll(path, kind.MaximumLength, kind.Purpose);
        TokenizerConfig config = TokenizerConfig.Read(folder);
        return kind == ModelFileKind.TokenizerJson
            ? TokenizerJsonReader.Read($"'{path}'", content, config)
            : SentencePieceReader.Read($"'{path}'", content, config);
    }
}
