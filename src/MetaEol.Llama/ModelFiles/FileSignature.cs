using System.Buffers.Binary;

namespace MetaEol.Llama.ModelFiles;

/// <summary>Knows by their first bytes the files that often lie where a file of a model folder is expected, and says what to do about them.</summary>
/// <remarks>None of these beginnings can be that of a safetensors file, of JSON or of a SentencePiece model.</remarks>
internal static class FileSignature
{
    /// <summary>How many bytes are looked at.</summary>
    public const int Length = 64;

    /// <summary>What a GGUF file is, and what is read in its place.</summary>
    public const string Gguf = "is a GGUF file, the format of llama.cpp and Ollama; only safetensors are read. Expected the folder of the original model"
        + " from Hugging Face: config.json, the tokenizer's files and model.safetensors.";

    /// <summary>What a pickled checkpoint is, and how it is converted.</summary>
    public const string Pickle = "is a pickled PyTorch checkpoint, which can run code when it is opened; only safetensors are read. To convert a Hugging Face model,"
        + " load it with transformers and save it with model.save_pretrained(folder, safe_serialization=True).";

    private const string LargeFilePointer = "is a git-lfs pointer, a few lines that stand for the file: the repository was cloned without Git LFS."
        + " Run 'git lfs install' and then 'git lfs pull' in the clone, or download the file itself.";

    // Of a safetensors file, whose first eight bytes are a length.
    private const ulong LongestHeader = 100_000_000;

    /// <summary>The rest of a sentence that begins with the file's name, or null if the beginning is none that is known.</summary>
    public static string? Recognize(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version https://git-lfs.github.com/"u8))
        {
            return LargeFilePointer;
        }

        if (start.StartsWith("GGUF"u8))
        {
            return Gguf;
        }

        bool mayBeSafetensors = start.Length >= sizeof(ulong) && BinaryPrimitives.ReadUInt64LittleEndian(start) <= LongestHeader;
        return !mayBeSafetensors && (IsZip(start) || IsPickle(start)) ? Pickle : null;
    }

    private static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8);

    private static bool IsPickle(ReadOnlySpan<byte> start) => start.Length > 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5;
}
