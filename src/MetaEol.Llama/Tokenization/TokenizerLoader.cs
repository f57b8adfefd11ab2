using System.Text.Json;

namespace MetaEol.Llama.Tokenization;

/// <summary>Loads the tokenizer of a Hugging Face model folder.</summary>
/// <remarks>
/// A <c>tokenizer.json</c> is complete in itself: nothing else is read beside it, just as Hugging Face's tokenizers library reads it alone.
/// A SentencePiece <c>tokenizer.model</c> does not say which tokens are set around a text, so with it
/// <c>add_bos_token</c>, <c>add_eos_token</c>, <c>bos_token</c> and <c>eos_token</c> come from the <c>tokenizer_config.json</c> beside it, if there is one;
/// without, the text gets the model's own BOS and no EOS.
/// </remarks>
public static class TokenizerLoader
{
    private const string JsonName = "tokenizer.json";
    private const string ModelName = "tokenizer.model";
    private const string ConfigName = "tokenizer_config.json";
    private const long MaximumFileSize = 512L << 20;

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
        string path = Locate(folderOrFile);
        byte[] content = ReadFile(path);
        return path.EndsWith(".model", StringComparison.OrdinalIgnoreCase)
            ? SentencePieceReader.Read(path, content, ReadConfig(path))
            : TokenizerJsonReader.Read(path, content);
    }

    private static string Locate(string folderOrFile)
    {
        if (Directory.Exists(folderOrFile))
        {
            string json = Path.Combine(folderOrFile, JsonName);
            string model = Path.Combine(folderOrFile, ModelName);
            return File.Exists(json) ? json
                : File.Exists(model) ? model
                : throw new InvalidModelException($"The folder '{folderOrFile}' has no tokenizer. Expected {JsonName}, or {ModelName} of SentencePiece.");
        }

        if (!File.Exists(folderOrFile))
        {
            throw new InvalidModelException($"There is no file or folder '{folderOrFile}'. Expected a model folder, a {JsonName} or a {ModelName}.");
        }

        return Path.GetExtension(folderOrFile).ToUpperInvariant() is ".JSON" or ".MODEL"
            ? folderOrFile
            : throw new InvalidModelException($"'{folderOrFile}' is not known as a tokenizer. Expected a file whose name ends with .json (Hugging Face) or .model (SentencePiece).");
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            return length <= MaximumFileSize
                ? File.ReadAllBytes(path)
                : throw new InvalidModelException($"'{path}' has {length} bytes, more than the {MaximumFileSize} that a tokenizer may have.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static JsonSection? ReadConfig(string modelPath)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelPath))!, ConfigName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(ReadFile(path));
            return new(path, "$", document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            throw new InvalidModelException($"'{path}' is not valid JSON: {exception.Message}", exception);
        }
    }
}
