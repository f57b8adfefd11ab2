using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MetaEol.Llama.ModelFiles;
using MetaEol.Llama.Planning;
using Microsoft.Extensions.Logging;

namespace MetaEol.Llama.Encoders;

/// <summary>Where an encoder keeps the prefixes of its cache for later processes: a folder for each fingerprint, a file for each prefix, which gets its name when it is complete.</summary>
internal sealed unsafe partial class PrefixFolder
{
    private const string Ending = ".prefix", PartialEnding = ".partial";

    private static readonly TimeSpan LeftOver = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly string _fingerprint;
    private readonly int _layers;
    private readonly int _width;
    private readonly long _maxBytes;
    private readonly ILogger _logger;

    /// <param name="folder">The folder of all encoders; made when there is something to keep.</param>
    /// <param name="fingerprint">The encoder's fingerprint.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="width">Width of a layer's keys.</param>
    /// <param name="maxBytes">Most bytes of the files of one fingerprint.</param>
    /// <param name="logger">Is warned of what cannot be read or written; nothing fails for it.</param>
    public PrefixFolder(string folder, string fingerprint, int layers, int width, long maxBytes, ILogger logger)
    {
        _folder = Path.Combine(Path.GetFullPath(folder), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)).AsSpan(0, 16)));
        _fingerprint = fingerprint;
        _layers = layers;
        _width = width;
        _maxBytes = maxBytes;
        _logger = logger;
    }

    /// <summary>The prefixes that are kept; damaged files are deleted, and so is what a process left that ended while it wrote.</summary>
    public IEnumerable<RestoredPrefix<PrefixKeysValues>> Restore()
    {
        if (!Directory.Exists(_folder))
        {
            yield break;
        }

        foreach (string path in Directory.GetFiles(_folder, $"*{PartialEnding}").Where(path => DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > LeftOver))
        {
            Try(path, () => File.Delete(path));
        }

        foreach (string path in Directory.GetFiles(_folder, $"*{Ending}").Order(StringComparer.Ordinal))
        {
            if (TryOpen(path) is { } file)
            {
                yield return new RestoredPrefix<PrefixKeysValues>(file.Tokens, file.RotaryKey, file.Layers, new PrefixKeysValues(file, _width));
            }
        }
    }

    /// <summary>Whether an entry's keys and values are those that were kept; if not, its file is deleted.</summary>
    public bool IsIntact(PrefixKeysValues entry)
    {
        if (entry.File is not { IsIntact: false } file)
        {
            return true;
        }

        LogDamaged(_logger, file.Path);
        Try(file.Path, () => File.Delete(file.Path));
        return false;
    }

    /// <summary>Keeps a prefix, in place of one of the same tokens, if there is room.</summary>
    public void Keep(ReadOnlySpan<int> tokens, int rotaryKey, int layers, PrefixKeysValues entry)
    {
        int[] copy = tokens.ToArray();
        string path = Path.Combine(_folder, NameOf(copy, rotaryKey));
        string partial = $"{path}.{Guid.NewGuid():N}{PartialEnding}";
        Try(path, () =>
        {
            CreateFolder();
            long others = new DirectoryInfo(_folder).EnumerateFiles().Where(file => file.FullName != path).Sum(file => file.Length);
            if (others + PrefixFile.LengthOf(copy.Length, layers, _width) > _maxBytes)
            {
                LogFull(_logger, _folder, _maxBytes);
                return;
            }

            try
            {
                CompleteFile.Write(path, partial, stream => PrefixFile.Write(stream, copy, rotaryKey, layers, _width, _fingerprint, entry.Keys(0)));
            }
            finally
            {
                File.Delete(partial);
            }
        });
    }

    private static string NameOf(int[] tokens, int rotaryKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(tokens.AsSpan()));
        hash.AppendData(BitConverter.GetBytes(rotaryKey));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16)) + Ending;
    }

    // Token ids tell what prompts begin with: nobody else's business.
    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private PrefixFile? TryOpen(string path)
    {
        PrefixFile? file = null;
        Try(path, () =>
        {
            file = PrefixFile.TryOpen(path, _fingerprint, _layers, _width);
            if (file is null)
            {
                LogDamaged(_logger, path);
                File.Delete(path);
            }
        });
        return file;
    }

    private void Try(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnusable(_logger, path, exception.Message);
        }
    }

    [LoggerMessage(4, LogLevel.Warning, "'{Path}' holds no keys and values of this encoder, or damaged ones; it is deleted, and they are computed anew")]
    private static partial void LogDamaged(ILogger logger, string path);

    [LoggerMessage(5, LogLevel.Warning, "'{Path}' cannot be used for keys and values of prompts' beginnings: {Reason}. They are computed anew")]
    private static partial void LogUnusable(ILogger logger, string path, string reason);

    [LoggerMessage(6, LogLevel.Debug, "'{Folder}' has no room for further beginnings of prompts: at most {MaxBytes} bytes")]
    private static partial void LogFull(ILogger logger, string folder, long maxBytes);
}
