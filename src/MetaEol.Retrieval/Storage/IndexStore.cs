using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Retrieval.Embedding;
using MetaEol.Retrieval.Ranking;
using Microsoft.Data.Sqlite;

namespace MetaEol.Retrieval.Storage;

/// <summary>Reads and writes an index's tables over one session. For one thread at a time.</summary>
internal sealed class IndexStore(SqliteSession session) : IDisposable
{
    private const string FingerprintSetting = "fingerprint", ModelSetting = "model", GenerationSetting = "generation", WriterSetting = "writer", PropertyPrefix = "property:";

    // Of all vectors only those of the generator that the index belongs to are ever read.
    private const string OwnFingerprint = $"SELECT value FROM settings WHERE name = '{FingerprintSetting}'";

    /// <summary>Counts the changes of the index; what was read from it before holds as long as it stays the same.</summary>
    public long Generation => Setting(GenerationSetting) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>The fingerprint of the generator that the index belongs to; null before the first update.</summary>
    public string? Fingerprint => Setting(FingerprintSetting);

    /// <summary>The process that embedded last; null before the first did.</summary>
    public int? WriterProcess
    {
        get => Setting(WriterSetting) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
        set => Set(WriterSetting, value!.Value.ToString(CultureInfo.InvariantCulture));
    }

    public int DocumentCount => (int)session.Number("SELECT count(*) FROM documents");

    public int PassageCount => (int)session.Number("SELECT count(*) FROM passages");

    /// <inheritdoc cref="SqliteSession.InTransaction{T}"/>
    public T InTransaction<T>(bool forWriting, Func<T> work) => session.InTransaction(forWriting, work);

    public IndexInfo? ReadInfo()
    {
        Dictionary<string, string> settings = session.Query("SELECT name, value FROM settings", row => (Name: row.GetString(0), Value: row.GetString(1))).ToDictionary(setting => setting.Name, setting => setting.Value);
        return settings.TryGetValue(FingerprintSetting, out string? fingerprint)
            ? new IndexInfo(
                fingerprint,
                settings.GetValueOrDefault(ModelSetting),
                DocumentCount,
                PassageCount,
                settings.Where(setting => setting.Key.StartsWith(PropertyPrefix, StringComparison.Ordinal)).ToDictionary(setting => setting.Key[PropertyPrefix.Length..], setting => setting.Value))
            : null;
    }

    /// <summary>Gives the index to a generator; whatever is in it goes.</summary>
    public void Reset(string fingerprint, string? modelId)
    {
        session.Execute("INSERT INTO words (words) VALUES ('delete-all')");
        session.Execute("DELETE FROM passages");
        session.Execute("DELETE FROM documents");
        session.Execute("DELETE FROM vectors");
        session.Execute("DELETE FROM questions");
        session.Execute("DELETE FROM settings WHERE name <> $1", GenerationSetting);
        Set(FingerprintSetting, fingerprint);
        if (modelId is not null)
        {
            Set(ModelSetting, modelId);
        }

        Touch();
    }

    /// <summary>Notes what the application wants to be kept, in the place of what it noted before.</summary>
    public void Note(IEnumerable<KeyValuePair<string, string>> properties)
    {
        session.Execute("DELETE FROM settings WHERE substr(name, 1, length($1)) = $1", PropertyPrefix);
        foreach ((string name, string value) in properties)
        {
            Set(PropertyPrefix + name, value);
        }
    }

    /// <summary>The hash that a document was stored with; null where it is not there.</summary>
    public byte[]? HashOf(string document) => session.Query("SELECT hash FROM documents WHERE name = $1", row => row.GetFieldValue<byte[]>(0), document).FirstOrDefault();

    /// <summary>Whether there is a vector for a text.</summary>
    public bool HasVector(byte[] hash, string fingerprint) => session.Number("SELECT count(*) FROM vectors WHERE hash = $1 AND fingerprint = $2", hash, fingerprint) > 0;

    /// <summary>Adds the vector of a text; one that is there stays.</summary>
    public void AddVector(byte[] hash, string fingerprint, TextVectors vectors) => session.Execute(
        "INSERT OR IGNORE INTO vectors (hash, fingerprint, vector, terms) VALUES ($1, $2, $3, $4)",
        hash,
        fingerprint,
        MemoryMarshal.AsBytes(vectors.Dense.Span).ToArray(),
        vectors.Sparse is null ? [] : PassageTerms.Pack(vectors.Sparse));

    /// <summary>The hashes of a document's passages.</summary>
    public IReadOnlyList<byte[]> PassageHashes(string document) =>
        [.. session.Query("SELECT p.hash FROM passages p JOIN documents d ON d.id = p.document WHERE d.name = $1", row => row.GetFieldValue<byte[]>(0), document)];

    /// <summary>Puts a document with its passages in the place of what was stored under its name.</summary>
    public void Replace(SearchDocument document, ReadOnlyMemory<byte> hash, IReadOnlyList<(Passage Passage, byte[] Hash)> passages)
    {
        Remove(document.Id);
        session.Execute(
            "INSERT INTO documents (name, hash, metadata) VALUES ($1, $2, $3)",
            document.Id,
            hash.ToArray(),
            document.Metadata is { Count: > 0 } metadata ? JsonSerializer.Serialize(metadata, MetadataJsonContext.Default.IReadOnlyDictionaryStringString) : null);
        long id = session.Number("SELECT last_insert_rowid()");
        foreach ((Passage passage, byte[] passageHash) in passages)
        {
            session.Execute(
                "INSERT INTO passages (document, line, end_line, start, length, heading, text, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                id,
                passage.Line,
                passage.EndLine,
                passage.Start,
                passage.Length,
                passage.Heading,
                passage.Text,
                passageHash);
            session.Execute(
                "INSERT INTO words (rowid, heading, body) VALUES (last_insert_rowid(), $1, $2)",
                WordText.Separate(passage.Heading),
                WordText.Separate(passage.Text));
        }

        Touch();
    }

    /// <summary>Removes a document.</summary>
    /// <returns>Number of passages that went with it.</returns>
    public int Remove(string document)
    {
        (long Id, string Heading, string Text)[] passages =
        [
            .. session.Query(
                "SELECT p.id, p.heading, p.text FROM passages p JOIN documents d ON d.id = p.document WHERE d.name = $1",
                row => (row.GetInt64(0), row.GetString(1), row.GetString(2)),
                document),
        ];
        foreach ((long id, string heading, string text) in passages)
        {
            session.Execute("INSERT INTO words (words, rowid, heading, body) VALUES ('delete', $1, $2, $3)", id, WordText.Separate(heading), WordText.Separate(text));
        }

        int removed = session.Execute("DELETE FROM passages WHERE document = (SELECT id FROM documents WHERE name = $1)", document);
        session.Execute("DELETE FROM documents WHERE name = $1", document);
        Touch();
        return removed;
    }

    /// <summary>The names of all documents.</summary>
    public IReadOnlyList<string> DocumentNames() => [.. session.Query("SELECT name FROM documents ORDER BY name", row => row.GetString(0))];

    /// <summary>Removes the vectors that no passage has.</summary>
    public void RemoveUnusedVectors() => session.Execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)");

    /// <summary>The mean vector of questions as such; null where it is not known.</summary>
    public float[]? QuestionVector() =>
        session.Query($"SELECT vector FROM questions WHERE fingerprint = ({OwnFingerprint})", row => Vector(row.GetFieldValue<byte[]>(0))).FirstOrDefault();

    public void SetQuestionVector(string fingerprint, ReadOnlySpan<float> vector)
    {
        session.Execute("INSERT OR REPLACE INTO questions (fingerprint, vector) VALUES ($1, $2)", fingerprint, MemoryMarshal.AsBytes(vector).ToArray());
        Touch();
    }

    /// <summary>Every passage's id and vector, in the order of the ids, with a number that its text gives.</summary>
    public IEnumerable<PassageVector> Vectors() => session.Query(
        $"SELECT p.id, v.vector, v.hash FROM passages p JOIN vectors v ON v.hash = p.hash AND v.fingerprint = ({OwnFingerprint}) ORDER BY p.id",
        row => new PassageVector(row.GetInt64(0), Key(row.GetFieldValue<byte[]>(2)), Vector(row.GetFieldValue<byte[]>(1))));

    /// <summary>Every passage's id and sparse vector as it is stored, in the order of the ids: the same passages as <see cref="Vectors"/>.</summary>
    public IEnumerable<(long Id, byte[] Terms)> Terms() => session.Query(
        $"SELECT p.id, v.terms FROM passages p JOIN vectors v ON v.hash = p.hash AND v.fingerprint = ({OwnFingerprint}) ORDER BY p.id",
        row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)));

    /// <summary>A passage's sparse vector; null where the passage is not there.</summary>
    public SparseEmbedding? TermsOf(long passage) => session.Query(
        $"SELECT v.terms FROM passages p JOIN vectors v ON v.hash = p.hash AND v.fingerprint = ({OwnFingerprint}) WHERE p.id = $1",
        row => PassageTerms.Read(row.GetFieldValue<byte[]>(0)),
        passage).FirstOrDefault();

    /// <summary>A passage's vector as its generator gave it; null where it is not there.</summary>
    public float[]? VectorOf(long passage) => session.Query(
        $"SELECT v.vector FROM passages p JOIN vectors v ON v.hash = p.hash AND v.fingerprint = ({OwnFingerprint}) WHERE p.id = $1",
        row => Vector(row.GetFieldValue<byte[]>(0)),
        passage).FirstOrDefault();

    /// <summary>The passages that hold a word of a query, and their BM25 scores, which are larger the better they match.</summary>
    /// <param name="query">A query that <see cref="WordQuery"/> made.</param>
    public IEnumerable<(long Id, double Score)> MatchWords(string query) => session.Query(
        "SELECT rowid, -bm25(words, 2.0, 1.0) FROM words WHERE words MATCH $1",
        row => (row.GetInt64(0), row.GetDouble(1)),
        query);

    public Passage ReadPassage(long id) => session.Query(
        "SELECT d.name, p.line, p.end_line, p.start, p.length, p.heading, p.text, d.metadata FROM passages p JOIN documents d ON d.id = p.document WHERE p.id = $1",
        ReadPassage,
        id).FirstOrDefault() ?? throw new FormatException($"Passage {id} is missing.");

    /// <summary>The documents of all passages, by the passages' ids: numbers that are equal where the document is.</summary>
    public long DocumentOf(long passage) => session.Number("SELECT document FROM passages WHERE id = $1", passage);

    /// <summary>The passage of a document that a line belongs to, or the next one after it, or the last; null where the document has none.</summary>
    public long? PassageAt(string document, int line) => session.Query(
        "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document WHERE d.name = $1 ORDER BY p.end_line < $2, abs(p.line - $2), p.id LIMIT 1",
        row => (long?)row.GetInt64(0),
        document,
        line).FirstOrDefault();

    public void Dispose() => session.Dispose();

    private static Passage ReadPassage(SqliteDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5), row.GetString(6))
    {
        Metadata = row.IsDBNull(7) ? Passage.EmptyMetadata : JsonSerializer.Deserialize(row.GetString(7), MetadataJsonContext.Default.DictionaryStringString) ?? Passage.EmptyMetadata,
    };

    private static ulong Key(byte[] hash) => hash.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(hash) : throw new FormatException($"A hash has {hash.Length} bytes.");

    private static float[] Vector(byte[] bytes) => bytes.Length > 0 && bytes.Length % sizeof(float) == 0
        ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
        : throw new FormatException($"A vector has {bytes.Length} bytes.");

    private string? Setting(string name) => session.Query("SELECT value FROM settings WHERE name = $1", row => row.GetString(0), name).FirstOrDefault();

    private void Set(string name, string value) => session.Execute("INSERT OR REPLACE INTO settings (name, value) VALUES ($1, $2)", name, value);

    private void Touch() => Set(GenerationSetting, (Generation + 1).ToString(CultureInfo.InvariantCulture));
}
