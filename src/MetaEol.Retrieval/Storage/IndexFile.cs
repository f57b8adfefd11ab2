using Microsoft.Data.Sqlite;

namespace MetaEol.Retrieval.Storage;

/// <summary>Creates and opens index files. A file that lies in a folder may have come with the folder: only a regular file with exactly this library's tables is used.</summary>
internal static class IndexFile
{
    private const string NewSuffix = "-new";

    private static readonly string[] Companions = ["-wal", "-shm", "-journal", IndexLock.Suffix];
    private static readonly Lazy<HashSet<string>> OwnSchema = new(() =>
    {
        using SqliteSession session = new(path: null, canWrite: true);
        session.Execute(IndexSchema.Definition);
        return [.. Schema(session)];
    });

    /// <summary>Opens an index in memory, empty.</summary>
    public static SqliteSession CreateInMemory()
    {
        SqliteSession session = new(path: null, canWrite: true);
        session.Execute(IndexSchema.Definition);
        return session;
    }

    /// <summary>Creates an index file where there is none, readable and writable by its owner only. The caller holds the index's lock.</summary>
    /// <param name="path">Full path.</param>
    /// <exception cref="IndexFileException">It cannot be created, or is there and is no index.</exception>
    public static void Create(string path)
    {
        // Under another name until it is one, so that an interruption or a full disk leaves none that is empty.
        string made = File.Exists(path) ? path : path + NewSuffix;
        try
        {
            if (made != path)
            {
                RemoveNew(made);
                FileStreamOptions create = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                new FileStream(made, create).Dispose();
            }

            // An empty file that is there becomes an index too.
            using (SqliteSession session = new(made, canWrite: true))
            {
                session.InTransaction(forWriting: true, () =>
                {
                    if (session.Number("PRAGMA application_id") == 0 && session.Number("PRAGMA user_version") == 0 && session.Number("SELECT count(*) FROM sqlite_schema") == 0)
                    {
                        session.Execute(IndexSchema.Definition);
                        session.Execute($"PRAGMA application_id = {IndexSchema.ApplicationId}");
                        session.Execute($"PRAGMA user_version = {IndexSchema.Version}");
                    }
                });
            }

            if (made != path)
            {
                File.Move(made, path);
            }
        }
        catch (Exception exception) when (exception is SqliteException or UnauthorizedAccessException || exception.GetType() == typeof(IOException))
        {
            if (made != path)
            {
                RemoveNew(made);
            }

            throw IsDamage(exception) ? Damaged(path, exception) : new IndexFileException($"The index '{path}' cannot be created: {OneLine(exception)}", exception);
        }
    }

    /// <summary>Opens an index file that is there.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="canWrite">Whether it is opened for writing.</param>
    /// <exception cref="IndexFileException">It is no index of this version of the library.</exception>
    public static SqliteSession Open(string path, bool canWrite)
    {
        RefuseLinks(path);
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new IndexFileException(Directory.Exists(path) ? $"'{path}' is a folder, not an index." : $"There is no index '{path}'.");
        }

        if (file.Length == 0)
        {
            throw new IndexFileException($"'{path}' is empty or no regular file, and not an index.");
        }

        SqliteSession? session = null;
        try
        {
            session = new SqliteSession(path, canWrite);
            Check(path, session);
            if (canWrite)
            {
                // Readers go on while a document is being written, and a commit is one write.
                session.Execute("PRAGMA journal_mode = WAL");
                session.Execute("PRAGMA synchronous = NORMAL");
            }

            return session;
        }
        catch (Exception exception)
        {
            session?.Dispose();
            throw exception is IndexFileException ? exception : Damaged(path, exception);
        }
    }

    /// <summary>Whether an exception comes from what a file holds, rather than from a defect or a full disk.</summary>
    public static bool IsDamage(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: 1 or 11 or 18 or 19 or 20 or 26 or 267 } or InvalidCastException or FormatException or OverflowException or System.Text.Json.JsonException;

    /// <summary>Says that a file is damaged.</summary>
    public static IndexFileException Damaged(string? path, Exception exception) =>
        new($"'{path}' cannot be used as an index: {OneLine(exception)} Delete it, or name another file; an index is made anew from its documents.", exception);

    /// <summary>Refuses links under the index's name and the names of the files beside it: SQLite would write through them to wherever they lead.</summary>
    /// <exception cref="IndexFileException">One of them is a link.</exception>
    public static void RefuseLinks(string path)
    {
        foreach (string name in Companions.Select(suffix => path + suffix).Prepend(path))
        {
            if (new FileInfo(name).LinkTarget is not null)
            {
                throw new IndexFileException($"'{name}' is a link; an index and the files beside it must be regular files.");
            }
        }
    }

    /// <summary>Removes what an interrupted creation left: links themselves, and not what they lead to.</summary>
    private static void RemoveNew(string made)
    {
        foreach (string name in Companions.Select(suffix => made + suffix).Prepend(made))
        {
            File.Delete(name);
        }
    }

    private static void Check(string path, SqliteSession session)
    {
        if (session.Number("PRAGMA application_id") != IndexSchema.ApplicationId)
        {
            throw new IndexFileException($"'{path}' is a SQLite file, but no index of this library, or one of an earlier version; delete it, or name another file.");
        }

        if (session.Number("PRAGMA user_version") is var version && version != IndexSchema.Version)
        {
            throw new IndexFileException($"'{path}' is an index of version {version}, and this library reads version {IndexSchema.Version}: delete it, or name another file; an index is made anew from its documents.");
        }

        if (!OwnSchema.Value.SetEquals(Schema(session)))
        {
            throw new IndexFileException($"'{path}' holds other tables, views or triggers than an index; it is not used. Delete it, or name another file.");
        }
    }

    private static IEnumerable<string> Schema(SqliteSession session) => session.Query(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema",
        row => string.Join('\n', row.GetString(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3)));

    private static string OneLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd() is var message && message.EndsWith('.') ? message : message + ".";
}
