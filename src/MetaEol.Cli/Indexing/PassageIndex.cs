using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MetaEol.Cli.Display;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace MetaEol.Cli.Indexing;

/// <summary>
/// The passages of a folder and their vectors in a SQLite file. Vectors are kept by the text's hash, so a passage that moves, or stands in two files, is not embedded
/// again. Every batch is one transaction: an interruption loses at most the batch at work.
/// </summary>
internal sealed class PassageIndex : IDisposable
{
    public const string DefaultName = ".metaeol.db";
    private const int SchemaVersion = 1, MaxPassageTokens = 256;
    private static readonly string[] Extensions = [".txt", ".md", ".markdown", ".text"];
    private readonly SqliteConnection _connection;
    private readonly MetaEolEmbeddingGenerator _generator;

    private PassageIndex(SqliteConnection connection, MetaEolEmbeddingGenerator generator)
    {
        _connection = connection;
        _generator = generator;
    }

    /// <exception cref="ToolException">The file is not an index of this tool.</exception>
    public static PassageIndex Open(string path, MetaEolEmbeddingGenerator generator)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        SQLitePCL.Batteries_V2.Init();
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            PassageIndex index = new(connection, generator);
            index.Prepare(path);
            return index;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw new ToolException($"'{path}' cannot be used as an index: {exception.Message} Delete it, or name another file with --index.", exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Brings the index up to date with the files of a folder.</summary>
    public async Task<IndexUpdate> UpdateAsync(string folder, int batchSize, ProgressReport progress, CancellationToken cancellationToken)
    {
        PassageSplitter? splitter = null;
        HashSet<string> known = [.. Query("SELECT path || '|' || stamp FROM files", reader => reader.GetString(0))];
        HashSet<string> present = new(StringComparer.Ordinal);
        int before = (int)Scalar("SELECT COUNT(*) FROM passages");
        foreach (string file in Files(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Path.GetRelativePath(folder, file);
            string stamp = string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length}-{File.GetLastWriteTimeUtc(file).Ticks}");
            present.Add(name);
            if (!known.Contains($"{name}|{stamp}"))
            {
                splitter ??= CreateSplitter();
                Replace(name, stamp, [.. splitter.Split(File.ReadAllText(file))]);
            }
        }

        foreach (string gone in Query("SELECT path FROM files", reader => reader.GetString(0)).Where(path => !present.Contains(path)).ToArray())
        {
            Execute("DELETE FROM passages WHERE file = $file; DELETE FROM files WHERE path = $file", ("$file", gone));
        }

        int embedded = await EmbedAsync(batchSize, progress, cancellationToken).ConfigureAwait(false);
        Execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)");
        int after = (int)Scalar("SELECT COUNT(*) FROM passages");
        return new IndexUpdate(present.Count, after, embedded, Math.Max(0, before - after));
    }

    /// <summary>The passages closest to a question, best first.</summary>
    public async Task<IReadOnlyList<FoundPassage>> SearchAsync(string question, int top, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embedded = await _generator.GenerateAsync([question], cancellationToken: cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<float> vector = embedded[0].Vector;
        PriorityQueue<FoundPassage, double> best = new();
        foreach (FoundPassage passage in Query(
            "SELECT p.file, p.line, p.text, v.vector FROM passages p JOIN vectors v ON v.hash = p.hash",
            reader => new FoundPassage(TensorPrimitives.Dot(vector.Span, MemoryMarshal.Cast<byte, float>((byte[])reader.GetValue(3))), reader.GetString(0), reader.GetInt32(1), reader.GetString(2))))
        {
            best.Enqueue(passage, passage.Score);
            if (best.Count > top)
            {
                best.Dequeue();
            }
        }

        return [.. best.UnorderedItems.Select(item => item.Element).OrderByDescending(passage => passage.Score).ThenBy(passage => passage.File, StringComparer.Ordinal).ThenBy(passage => passage.Line)];
    }

    public void Dispose() => _connection.Dispose();

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true })
        .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private void Prepare(string path)
    {
        long version = Scalar("PRAGMA user_version");
        if (version is not (0 or SchemaVersion) || (version == 0 && Scalar("SELECT COUNT(*) FROM sqlite_master") > 0))
        {
            throw new ToolException($"'{path}' is a SQLite file of another program or version; name another file with --index.");
        }

        Execute($"""
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS settings (fingerprint TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS passages (file TEXT NOT NULL, line INTEGER NOT NULL, hash BLOB NOT NULL, text TEXT NOT NULL);
            CREATE INDEX IF NOT EXISTS passages_by_file ON passages (file);
            CREATE INDEX IF NOT EXISTS passages_by_hash ON passages (hash);
            CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, vector BLOB NOT NULL);
            PRAGMA user_version = {SchemaVersion};
            """);

        // Vectors of another model, layer or template set do not go with this one's, and neither may the passages' lengths.
        string fingerprint = _generator.GetFingerprint();
        if (Query("SELECT fingerprint FROM settings", reader => reader.GetString(0)).FirstOrDefault() != fingerprint)
        {
            Execute("DELETE FROM vectors; DELETE FROM passages; DELETE FROM files; DELETE FROM settings; INSERT INTO settings VALUES ($fingerprint)", ("$fingerprint", fingerprint));
        }
    }

    private PassageSplitter CreateSplitter()
    {
        ITokenizer tokenizer = (ITokenizer)_generator.GetService(typeof(ITokenizer))!;
        var encoder = (PromptEncoderMetadata)_generator.GetService(typeof(PromptEncoderMetadata))!;

        // Eight tokens are left for BOS, the cleaned text's full stop, and merges across the border.
        int longest = _generator.TemplateSet.Templates.Max((Template template) => tokenizer.CountTokens(template.Prefix) + tokenizer.CountTokens(template.Suffix)) + 8;
        return new PassageSplitter(tokenizer, Math.Clamp(encoder.ContextTokens - longest, 1, MaxPassageTokens));
    }

    private void Replace(string file, string stamp, IReadOnlyList<Passage> passages)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        Execute("DELETE FROM passages WHERE file = $file; INSERT OR REPLACE INTO files VALUES ($file, $stamp)", ("$file", file), ("$stamp", stamp));
        foreach (Passage passage in passages)
        {
            Execute("INSERT INTO passages VALUES ($file, $line, $hash, $text)", ("$file", file), ("$line", passage.Line), ("$hash", Hash(passage.Text)), ("$text", passage.Text));
        }

        transaction.Commit();
    }

    private async Task<int> EmbedAsync(int batchSize, ProgressReport progress, CancellationToken cancellationToken)
    {
        const string Missing = "FROM passages WHERE hash NOT IN (SELECT hash FROM vectors)";
        int total = (int)Scalar($"SELECT COUNT(DISTINCT hash) {Missing}"), done = 0;
        while (true)
        {
            string[] texts = [.. Query($"SELECT MIN(text) {Missing} GROUP BY hash ORDER BY MIN(rowid) LIMIT {batchSize}", reader => reader.GetString(0))];
            if (texts.Length == 0)
            {
                return done;
            }

            GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateAsync(texts, cancellationToken: cancellationToken).ConfigureAwait(false);
            using SqliteTransaction transaction = _connection.BeginTransaction();
            for (int i = 0; i < texts.Length; i++)
            {
                Execute("INSERT INTO vectors VALUES ($hash, $vector)", ("$hash", Hash(texts[i])), ("$vector", MemoryMarshal.AsBytes(vectors[i].Vector.Span).ToArray()));
            }

            transaction.Commit();
            done += texts.Length;
            progress.Report("embedding passages", done, total, done);
        }
    }

    private IEnumerable<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return read(reader);
        }
    }

    private long Scalar(string sql) => Query(sql, reader => reader.GetInt64(0)).First();

    private void Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
