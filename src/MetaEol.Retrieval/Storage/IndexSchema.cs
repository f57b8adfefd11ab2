namespace MetaEol.Retrieval.Storage;

/// <summary>The tables of an index.</summary>
internal static class IndexSchema
{
    /// <summary>"MEOL" in ASCII, in the file's header: what makes a SQLite file an index of this library.</summary>
    public const int ApplicationId = 0x4D454F4C;

    /// <summary>Raised when the tables change.</summary>
    public const int Version = 3;

    /// <summary>
    /// Vectors are kept by the hash of the text that they are of, and each names its generator's fingerprint: a text that stands in two places, or moves, is embedded
    /// once. Terms are the sparse vector of the same text, empty where the index keeps none. The words' index has the passages' ids; it keeps no text of its own, and is told the text of what goes: with <c>contentless_delete</c> it would go on counting
    /// passages that are gone, so that BM25 would depend on the index's history.
    /// </summary>
    public const string Definition = """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash BLOB NOT NULL, metadata TEXT) STRICT;
        CREATE TABLE passages (id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents (id), line INTEGER NOT NULL, end_line INTEGER NOT NULL,
            start INTEGER NOT NULL, length INTEGER NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
        CREATE INDEX passages_by_document ON passages (document);
        CREATE INDEX passages_by_hash ON passages (hash);
        CREATE TABLE vectors (id INTEGER PRIMARY KEY, hash BLOB NOT NULL, fingerprint TEXT NOT NULL, vector BLOB NOT NULL, terms BLOB NOT NULL, UNIQUE (hash, fingerprint)) STRICT;
        CREATE TABLE questions (fingerprint TEXT PRIMARY KEY, vector BLOB NOT NULL) STRICT;
        CREATE VIRTUAL TABLE words USING fts5 (heading, body, content='', tokenize='porter unicode61 remove_diacritics 2');
        """;
}
