using MetaEol.Retrieval.Ranking;
using Microsoft.Data.Sqlite;

namespace MetaEol.Samples.HybridVectorStore;

/// <summary>The words of the passages in a full-text table of SQLite (FTS5), which ranks with BM25. Where the store's database has a full-text search of its own, take that.</summary>
internal sealed class WordTable : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");

    public WordTable(IEnumerable<StoredPassage> passages)
    {
        _connection.Open();
        Execute("CREATE VIRTUAL TABLE words USING fts5(id UNINDEXED, heading, text, tokenize = 'porter unicode61 remove_diacritics 2')");
        using SqliteTransaction transaction = _connection.BeginTransaction();
        foreach (StoredPassage passage in passages)
        {
            Execute("INSERT INTO words VALUES ($1, $2, $3)", passage.Id, WordText.Separate(passage.Heading), WordText.Separate(passage.Text));
        }

        transaction.Commit();
    }

    /// <summary>The passages that hold a word of the question, by their ids, and their BM25 scores: larger is better.</summary>
    public Dictionary<string, double> Match(string question)
    {
        Dictionary<string, double> scores = new(StringComparer.Ordinal);
        if (WordQuery.Create(question) is not { } query)
        {
            return scores;
        }

        using SqliteCommand command = Command("SELECT id, -bm25(words, 0, 2, 1) FROM words WHERE words MATCH $1", query);
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            scores.Add(row.GetString(0), row.GetDouble(1));
        }

        return scores;
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string text, params string[] values)
    {
        using SqliteCommand command = Command(text, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params string[] values)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        return command;
    }
}
