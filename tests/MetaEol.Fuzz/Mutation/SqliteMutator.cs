using MetaEol.Fuzz.Running;
using MetaEol.Tests;
using Microsoft.Data.Sqlite;

namespace MetaEol.Fuzz.Mutation;

/// <summary>Changes what stands in the tables of a SQLite file, by statements, so that the file is in order and its content is not.</summary>
/// <param name="seed">The file.</param>
/// <param name="columns">Table and column of what may be changed.</param>
/// <param name="values">SQL expressions to put there, beside the usual ones.</param>
internal sealed class SqliteMutator(byte[] seed, IReadOnlyList<(string Table, string Column)> columns, IReadOnlyList<string> values) : IMutator
{
    private static readonly string[] Usual = ["NULL", "0", "-1", "1", "2147483648", "9223372036854775807", "''", "x''", "x'00'", "'\u001b[31m'", "zeroblob(100000)", "1e308", "'a'", "randomblob(32)"];

    public IReadOnlyList<byte[]> Seeds { get; } = [seed];

    public byte[] Create(FuzzRandom random)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("changed.db");
        File.WriteAllBytes(path, seed);
        using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            connection.Open();
            Run(connection, "PRAGMA journal_mode = MEMORY");
            for (int changes = random.Length(6); changes > 0; changes--)
            {
                Run(connection, Statement(random));
            }
        }

        return File.ReadAllBytes(path);
    }

    private string Statement(FuzzRandom random)
    {
        (string table, string column) = random.Pick(columns);

        // Numbers from here, and nothing of SQLite's own chance: an input follows from its number.
        string value = (random.OneIn(2) ? random.Pick(Usual) : random.Pick(values)).Replace("randomblob(32)", $"x'{random.Next():x16}'", StringComparison.Ordinal);
        return random.Below(8) switch
        {
            0 => $"DELETE FROM {table} WHERE rowid % {random.Between(1, 3)} = 0",
            1 => $"UPDATE OR REPLACE {table} SET {column} = (SELECT {column} FROM {table} ORDER BY rowid DESC LIMIT 1)",
            2 => $"UPDATE OR IGNORE {table} SET {column} = {value}",
            3 => $"UPDATE OR IGNORE {table} SET {column} = substr({column}, 1, {random.Below(40)})",
            4 => $"UPDATE OR IGNORE {table} SET {column} = {column} || {column}",
            5 => $"PRAGMA {random.Pick(["application_id", "user_version"])} = {random.Below(4)}",
            _ => $"UPDATE OR IGNORE {table} SET {column} = {value} WHERE rowid % {random.Between(1, 3)} = 0",
        };
    }

    private static void Run(SqliteConnection connection, string statement)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        try
        {
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // The column is of another type, or may not be null.
        }
    }
}
