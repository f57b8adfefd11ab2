using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MetaEol.Llama.Hub;

namespace MetaEol.Cli.Hub;

/// <summary>Downloads configuration, tokenizer and safetensors of a model into the cache.</summary>
internal sealed class ModelPuller(HubSettings settings, HubClient client)
{
    private const int MaxAttempts = 5;
    private const int MaxListingBytes = 64 << 20, MaxSmallFileBytes = 512 << 20;

    /// <summary>Fewer bytes than these are no progress: not of an attempt, and not of half a minute.</summary>
    private const int LeastProgress = 4096;

    private const string WeightIndex = "model.safetensors.index.json", SingleWeights = "model.safetensors";

    /// <summary>All that the library reads besides the weights; nothing that could hold code.</summary>
    private static readonly string[] SmallFiles =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", WeightIndex,
    ];

    private readonly HubCache _cache = new(settings.CacheFolder);

    /// <exception cref="HubException">The model cannot be downloaded.</exception>
    public async Task<PulledModel> PullAsync(RepositoryId repository, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        if (settings.Offline)
        {
            throw new HubException("HF_HUB_OFFLINE is set, so nothing is downloaded; unset it to pull.");
        }

        try
        {
            (string commit, HashSet<string> names) = await ListAsync(repository, cancellationToken).ConfigureAwait(false);
            if (!names.Contains("config.json"))
            {
                throw new HubException($"{repository} has no config.json, so it is not a model that can be used here.");
            }

            List<HubFile> files = [];
            long downloaded = 0;
            foreach (string name in SmallFiles.Where(names.Contains))
            {
                downloaded += await FetchAsync(repository, commit, name, MaxSmallFileBytes, files, progress, cancellationToken).ConfigureAwait(false);
            }

            foreach (string name in Weights(repository, commit, names))
            {
                downloaded += await FetchAsync(repository, commit, name, long.MaxValue, files, progress, cancellationToken).ConfigureAwait(false);
            }

            _cache.WriteReference(repository, commit);
            return new PulledModel(_cache.SnapshotFolder(repository, commit), commit, files, downloaded);
        }
        catch (HubException exception)
        {
            throw exception.Message.StartsWith(repository.Name, StringComparison.Ordinal) ? exception : new HubException($"{repository}: {exception.Message}", exception);
        }
    }

    private static string ResolvePath(RepositoryId repository, string revision, string file) => $"{repository.Name}/resolve/{Uri.EscapeDataString(revision)}/{Uri.EscapeDataString(file)}";

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) || response.Content.Headers.TryGetValues(name, out values) ? values.First() : null;

    /// <summary>Whether a file's name, which the server chose, can only ever name a file in the folder itself.</summary>
    private static bool IsPlain(string name) => name.Length is > 0 and <= 200 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private async Task<(string Commit, HashSet<string> Names)> ListAsync(RepositoryId repository, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.SendAsync(
            HttpMethod.Get, $"api/models/{repository.Name}/revision/{Uri.EscapeDataString(repository.Revision)}", 0, followToOtherHosts: true, cancellationToken).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(await client.ReadAllAsync(response, MaxListingBytes, cancellationToken).ConfigureAwait(false));
            string commit = document.RootElement.GetProperty("sha").GetString() ?? string.Empty;
            if (!RepositoryId.IsCommitHash(commit))
            {
                throw new HubException($"the hub names the commit '{commit}', which is not one.");
            }

            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (JsonElement sibling in document.RootElement.GetProperty("siblings").EnumerateArray())
            {
                string name = sibling.GetProperty("rfilename").GetString() ?? string.Empty;
                if (name.Split('/', '\\').Contains("..") || Path.IsPathRooted(name))
                {
                    throw new HubException($"the hub lists the file '{name}', whose name leads out of the model's folder; nothing was downloaded.");
                }

                if (IsPlain(name))
                {
                    names.Add(name);
                }
            }

            return (commit, names);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HubException("the hub's list of files cannot be read: it is not the JSON with 'sha' and 'siblings' that a hub gives.", exception);
        }
    }

    /// <summary>The weight files: those that the index names, so that a second copy in another layout is left where it is.</summary>
    private IEnumerable<string> Weights(RepositoryId repository, string commit, HashSet<string> names)
    {
        if (names.Contains(WeightIndex))
        {
            string path = Path.Combine(_cache.SnapshotFolder(repository, commit), WeightIndex);
            try
            {
                using FileStream stream = File.OpenRead(path);
                if (stream.Length > MaxListingBytes)
                {
                    throw new HubException($"{WeightIndex} has {stream.Length} bytes, which no index of shards has.");
                }

                using JsonDocument index = JsonDocument.Parse(stream);
                string[] shards = [.. index.RootElement.GetProperty("weight_map").EnumerateObject().Select(tensor => tensor.Value.GetString() ?? string.Empty).Distinct().Order(StringComparer.Ordinal)];
                return shards.FirstOrDefault(shard => !names.Contains(shard)) is { } missing
                    ? throw new HubException($"{WeightIndex} names the shard '{missing}', which the model does not have.")
                    : shards;
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new HubException($"{WeightIndex} is not an index of shards with a 'weight_map'.", exception);
            }
        }

        string[] all = [.. names.Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        return names.Contains(SingleWeights) ? [SingleWeights]
            : all.Length > 0 ? all
            : throw new HubException($"{repository} has no safetensors weights; other formats are not read, because pickled files can run code.");
    }

    /// <summary>Downloads a file unless it is there; returns the bytes that came over the network.</summary>
    private async Task<long> FetchAsync(RepositoryId repository, string commit, string name, long largest, List<HubFile> files, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        HubFile file = await DescribeAsync(repository, commit, name, cancellationToken).ConfigureAwait(false);
        if (file.Size > largest)
        {
            throw new HubException($"'{name}' has {file.Size} bytes by what the hub says; such a file has {largest} at most.");
        }

        files.Add(file);
        string blob = _cache.BlobPath(repository, file.BlobName), link = Path.Combine(_cache.SnapshotFolder(repository, commit), name);
        long downloaded = 0;
        if (!File.Exists(blob) || new FileInfo(blob).Length != file.Size)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            ThrowIfDiskTooSmall(blob, file);
            downloaded = await DownloadAsync(repository, commit, file, blob, progress, cancellationToken).ConfigureAwait(false);
        }

        if (!File.Exists(link))
        {
            _cache.Link(repository, commit, name, blob);
        }

        progress?.Report(new PullProgress(name, file.Size, file.Size));
        return downloaded;
    }

    private async Task<HubFile> DescribeAsync(RepositoryId repository, string commit, string name, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Head, ResolvePath(repository, commit, name), 0, followToOtherHosts: false, cancellationToken).ConfigureAwait(false);
        string? tag = (Header(response, "X-Linked-Etag") ?? Header(response, "ETag"))?.Trim();
        tag = tag is not null && tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
        tag = tag?.Trim('"');
        bool redirected = (int)response.StatusCode >= 300;
        string? length = Header(response, "X-Linked-Size") ?? (redirected ? null : Header(response, "Content-Length"));
        return string.IsNullOrEmpty(tag) || !long.TryParse(length, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long size)
            ? throw new HubException($"the hub gives no entity tag and size for '{name}', so that a download could not be checked.")
            : new HubFile(name, size, tag);
    }

    private async Task<long> DownloadAsync(RepositoryId repository, string commit, HubFile file, string blob, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        string partial = $"{blob}.incomplete";
        FileStream stream;
        try
        {
            stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new HubException($"'{partial}' is in use: another download of the same file seems to run. ({exception.Message})", exception);
        }

        long downloaded = 0;
        await using (stream.ConfigureAwait(false))
        {
            bool resumed = stream.Length > 0;
            for (bool complete = false; !complete;)
            {
                downloaded += await ReceiveAsync(repository, commit, file, stream, progress, cancellationToken).ConfigureAwait(false);
                string? damage = await ContentDigest.CheckAsync(stream, file, cancellationToken).ConfigureAwait(false);
                complete = damage is null;
                if (damage is not null)
                {
                    stream.SetLength(0);
                    if (!resumed)
                    {
                        throw new HubException($"'{file.Name}' arrived damaged: {damage}. What came was deleted.");
                    }

                    // The damage may lie in what an earlier run left; only a whole new download tells.
                    resumed = false;
                    client.Notify?.Invoke($"{file.Name}: {damage}; downloading it anew.");
                }
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, blob, overwrite: true);
        return downloaded;
    }

    /// <summary>Receives what is missing of a file, and goes on where it was when the connection breaks.</summary>
    private async Task<long> ReceiveAsync(RepositoryId repository, string commit, HubFile file, FileStream stream, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        if (stream.Length > file.Size)
        {
            stream.SetLength(0);
        }

        long downloaded = 0, furthest = stream.Length;
        for (int attempt = 1; stream.Length < file.Size; attempt++)
        {
            (long received, string failure) = await ReceiveOnceAsync(repository, commit, file, stream, progress, cancellationToken).ConfigureAwait(false);
            downloaded += received;
            if (stream.Length >= file.Size)
            {
                break;
            }

            // Only what is new counts as a success: a server that begins anew each time, or gives a few bytes, is not asked for ever.
            if (stream.Length - furthest >= LeastProgress)
            {
                attempt = 0;
            }

            furthest = Math.Max(furthest, stream.Length);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (attempt == MaxAttempts)
            {
                throw new HubException($"'{file.Name}' stays incomplete at {stream.Length} of {file.Size} bytes: {failure}. Pull again to go on from there.");
            }

            await client.PauseAsync(attempt + 1, null, $"{file.Name}: {failure}", cancellationToken).ConfigureAwait(false);
        }

        return downloaded;
    }

    /// <summary>Receives what one answer gives; returns its bytes, and why there are no more.</summary>
    private async Task<(long Received, string Failure)> ReceiveOnceAsync(
        RepositoryId repository, string commit, HubFile file, FileStream stream, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        stream.Position = stream.Length;
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Get, ResolvePath(repository, commit, file.Name), stream.Length, followToOtherHosts: true, cancellationToken).ConfigureAwait(false);
        if (stream.Length > 0 && (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != stream.Length))
        {
            // The server does not serve the part that was asked for, so everything comes again.
            stream.SetLength(0);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return (0, $"the hub answers {(int)response.StatusCode} without the part that was asked for");
            }
        }

        long received = 0, before = 0;
        long window = Stopwatch.GetTimestamp();
        byte[] buffer = new byte[1 << 17];
        try
        {
            using Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            for (int read; (read = await ReadAsync(content, buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (stream.Length + read > file.Size)
                {
                    throw new HubException($"the hub sends more bytes of '{file.Name}' than the {file.Size} it announced.");
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                received += read;
                progress?.Report(new PullProgress(file.Name, stream.Length, file.Size));
                if (Stopwatch.GetElapsedTime(window) > client.Patience)
                {
                    if (received - before < LeastProgress && stream.Length < file.Size)
                    {
                        return (received, $"only {received - before} bytes arrived in {client.Patience.TotalSeconds:0.#} s");
                    }

                    (before, window) = (received, Stopwatch.GetTimestamp());
                }
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or IOException { InnerException: not null } or HttpIOException)
        {
            return (received, exception.Message);
        }

        return (received, "the connection ended early");
    }

    private async Task<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(client.Patience);
        try
        {
            return await content.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing arrived for {client.Patience.TotalSeconds:0} s");
        }
    }

    private static void ThrowIfDiskTooSmall(string path, HubFile file)
    {
        long free = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        if (free < file.Size)
        {
            throw new HubException($"'{file.Name}' needs {file.Size:N0} bytes, and there are {free:N0} free at '{Path.GetDirectoryName(path)}'; set HF_HOME to a larger disk.");
        }
    }
}
