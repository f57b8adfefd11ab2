using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MetaEol.Retrieval.Storage;

/// <summary>A connection to a SQLite file that is not trusted, with the statements that were prepared on it. For one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int BusySeconds = 30, MaxValueBytes = 256 << 20;
    private const int ConfigureDefensive = 1010;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;

    static SqliteSession() => Batteries_V2.Init();

    /// <param name="path">The file; null opens an empty database in memory.</param>
    /// <param name="canWrite">Whether statements may write. The file is opened for writing either way, where the system lets it: the last to close it takes the log away.</param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public SqliteSession(string? path, bool canWrite)
    {
        SqliteConnectionStringBuilder settings = new()
        {
            DataSource = path ?? ":memory:",
            Mode = path is null ? SqliteOpenMode.Memory : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        };
        _connection = new SqliteConnection(settings.ToString());
        try
        {
            _connection.Open();
            Harden();
            if (!canWrite)
            {
                Execute("PRAGMA query_only = ON");
            }
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that give no rows.</summary>
    /// <param name="sql">The statements, of this library's own text only.</param>
    /// <param name="values">The values of <c>$1</c>, <c>$2</c> and so on.</param>
    /// <returns>Number of rows that changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query and reads its rows one by one; the statement is busy until the last.</summary>
    /// <exception cref="FormatException">A value is missing where a table of an index has one.</exception>
    public IEnumerable<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params object?[] values)
    {
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        while (reader.Read())
        {
            yield return Read(read, reader);
        }
    }

    /// <summary>The number in the first column of a query's first row.</summary>
    /// <exception cref="FormatException">There is no row.</exception>
    public long Number(string sql, params object?[] values) =>
        Query(sql, reader => (long?)reader.GetInt64(0), values).FirstOrDefault() ?? throw new FormatException("A row is missing.");

    /// <summary>Runs work in a transaction: all of it counts, or nothing.</summary>
    /// <param name="forWriting">Takes the right to write at once, rather than in the middle, where it may be refused.</param>
    /// <param name="work">The work.</param>
    public T InTransaction<T>(bool forWriting, Func<T> work)
    {
        using SqliteTransaction transaction = _transaction = _connection.BeginTransaction(deferred: !forWriting);
        try
        {
            T result = work();
            transaction.Commit();
            return result;
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <inheritdoc cref="InTransaction{T}"/>
    public void InTransaction(bool forWriting, Action work) => InTransaction(forWriting, () =>
    {
        work();
        return true;
    });

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    // In a damaged file NULL stands in columns that cannot hold it.
    private static T Read<T>(Func<SqliteDataReader, T> read, SqliteDataReader reader)
    {
        try
        {
            return read(reader);
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("A value is missing.", exception);
        }
    }

    private void Harden()
    {
        sqlite3 handle = _connection.Handle!;
        _ = raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LENGTH, MaxValueBytes);
        _ = raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_ATTACHED, 0);
        _ = raw.sqlite3_db_config(handle, ConfigureDefensive, 1, out _);
        Execute("PRAGMA trusted_schema = OFF");
        Execute("PRAGMA cell_size_check = ON");
        Execute("PRAGMA mmap_size = 0");
        Execute("PRAGMA foreign_keys = ON");
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
            }

            _commands.Add(sql, command);
        }

        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.Transaction = _transaction;
        return command;
    }
}
