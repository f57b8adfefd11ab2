using MetaEol.Retrieval.Storage;
using MetaEol.Tests;
using Microsoft.Data.Sqlite;

namespace MetaEol.Retrieval.Tests.Storage;

/// <summary>Index files that another hand made: nothing but a regular file with exactly an index's tables is used.</summary>
public sealed class IndexFileTests : IDisposable
{
    private static readonly SearchDocument[] Documents = [new("a.txt", "A dog runs through the snow.\n\nTwo cats sleep on a chair."), new("b.txt", "Birds fly south.")];

    private readonly TemporaryFolder _folder = new();
    private readonly HashGenerator _generator = new();

    private string IndexPath => _folder["index.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sqlite_IsCurrentEnough()
    {
        await CreateAsync();
        using SqliteConnection connection = new("Data Source=:memory:");
        connection.Open();

        // Earlier versions have known vulnerabilities in opening crafted files.
        Assert.True(Version.Parse(connection.ServerVersion) >= new Version(3, 50, 4), connection.ServerVersion);
    }

    [SkippableFact]
    public async Task Create_OnUnix_IsReadableByItsOwnerOnly()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await CreateAsync();
        Assert.All(Directory.GetFiles(_folder.Path), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));
        Assert.Equal(["index.db", "index.db-lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_AfterAnInterruptedCreation_StartsOver(bool asLinks)
    {
        Skip.If(asLinks && OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        string precious = _folder.Write("elsewhere/precious.txt", "precious");
        foreach (string name in (string[])["index.db-new", "index.db-new-journal", "index.db-new-wal"])
        {
            if (asLinks)
            {
                File.CreateSymbolicLink(_folder[name], precious);
            }
            else
            {
                _folder.Write(name, "half a page");
            }
        }

        await CreateAsync();
        Assert.Equal(3, (await Search()).Count);
        Assert.Equal("precious", File.ReadAllText(precious));
        Assert.Equal(["index.db", "index.db-lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Open_FileOfAnotherKind_IsLeftAlone()
    {
        string path = _folder.Write("index.db", "not a database at all, but long enough to be looked at as one by its first page");
        await RefusedAsync("not a database");
        Assert.StartsWith("not a database", File.ReadAllText(path), StringComparison.Ordinal);

        File.WriteAllBytes(path, new byte[8192]);
        await RefusedAsync("'");
        File.Delete(path);
        Directory.CreateDirectory(path);
        await RefusedAsync("'");
    }

    [Fact]
    public async Task Open_DatabaseOfAnotherProgram_IsLeftAlone()
    {
        Run("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
        byte[] before = File.ReadAllBytes(IndexPath);
        await RefusedAsync("no index of this library");
        Assert.Equal(before, File.ReadAllBytes(IndexPath));
    }

    [Fact]
    public async Task Open_EmptyFile_BecomesAnIndex()
    {
        _folder.Write("index.db", string.Empty);
        await Assert.ThrowsAsync<IndexFileException>(() => Search());
        await CreateAsync();
        Assert.Equal(3, (await Search()).Count);
    }

    [Fact]
    public async Task Open_OtherVersion_IsRefused()
    {
        await CreateAsync();
        Run("PRAGMA user_version = 99");
        await RefusedAsync("version 99");
    }

    [Theory]
    [InlineData("CREATE TABLE extra (x)")]
    [InlineData("CREATE VIEW extra AS SELECT load_extension('evil.so')")]
    [InlineData("CREATE TRIGGER extra AFTER INSERT ON passages BEGIN DELETE FROM documents; END")]
    [InlineData("CREATE INDEX extra ON passages (abs(id))")]
    [InlineData("CREATE VIRTUAL TABLE extra USING fts5 (x)")]
    [InlineData("DROP TABLE questions")]
    [InlineData("DROP TABLE words")]
    [InlineData("DROP TABLE words; CREATE TABLE words (heading, body)")]
    [InlineData("DROP TABLE words; CREATE VIRTUAL TABLE words USING fts5 (heading, body, tokenize='trigram')")]
    [InlineData("DROP TABLE vectors; CREATE VIEW vectors AS SELECT 1 AS id, x'00' AS hash, '' AS fingerprint, x'00' AS vector")]
    [InlineData("ALTER TABLE settings ADD COLUMN more TEXT")]
    public async Task Open_OtherSchema_IsRefused(string sql)
    {
        await CreateAsync();
        Run(sql);
        await RefusedAsync("other tables, views or triggers");
    }

    [Theory]
    [InlineData("UPDATE vectors SET vector = x'00'")]
    [InlineData("UPDATE vectors SET vector = x''")]
    [InlineData("UPDATE vectors SET vector = x'0000c07f0000c07f'")]
    [InlineData("UPDATE settings SET value = 'many' WHERE name = 'generation'")]
    [InlineData("UPDATE vectors SET vector = zeroblob(8) WHERE id = 2")]
    [InlineData("UPDATE documents SET metadata = '{{{'")]
    [InlineData("UPDATE vectors SET vector = unhex(replace(hex(zeroblob(length(vector) / 4)), '00', 'FFFF7F7F'))")]
    [InlineData("UPDATE questions SET vector = unhex(replace(hex(zeroblob(length(vector) / 4)), '00', '0000C07F'))")]
    [InlineData("PRAGMA foreign_keys = OFF; DELETE FROM documents")]
    public async Task Search_WrongValue_SaysThatTheFileIsDamaged(string sql)
    {
        await CreateAsync();
        Run(sql);
        IndexFileException exception = await Assert.ThrowsAsync<IndexFileException>(() => Search());
        Assert.Contains(IndexPath, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    /// <summary>Damaged bytes can say that a value is missing where the table's definition rules it out.</summary>
    [Theory]
    [InlineData("UPDATE passages SET text = NULL")]
    [InlineData("UPDATE documents SET name = NULL")]
    [InlineData("UPDATE vectors SET vector = NULL")]
    [InlineData("UPDATE settings SET value = NULL")]
    public async Task Search_MissingValue_SaysThatTheFileIsDamaged(string sql)
    {
        await CreateAsync();
        Run("PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'CHECK (1)')");
        Run(sql);
        Run("PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (1)', 'NOT NULL')");
        Assert.Contains("cannot be used as an index: A value is missing.", (await Assert.ThrowsAsync<IndexFileException>(() => Search())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_WordsThatContradictEachOther_SaysThatTheFileIsDamaged()
    {
        await CreateAsync();
        Run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT OR IGNORE INTO words_idx SELECT i, (SELECT term FROM words_idx LIMIT 1), 2 FROM n");
        using SearchIndex index = Open();
        Assert.Contains("cannot be used as an index", (await Assert.ThrowsAsync<IndexFileException>(() => index.UpdateAsync([.. Documents, new SearchDocument("c.txt", "More.")]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_DamagedBytes_NeverEndOtherwiseThanInAnAnswerOrAnIndexFileException()
    {
        await CreateAsync();
        byte[] whole = File.ReadAllBytes(IndexPath);
        Random random = new(5);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. whole];
            switch (i % 3)
            {
                case 0:
                    for (int j = random.Next(1, 40); j > 0; j--)
                    {
                        damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                    }

                    break;
                case 1:
                    damaged = damaged[..random.Next(damaged.Length)];
                    break;
                default:
                    random.NextBytes(damaged.AsSpan(random.Next(damaged.Length)));
                    break;
            }

            foreach (string file in Directory.GetFiles(_folder.Path))
            {
                File.Delete(file);
            }

            File.WriteAllBytes(IndexPath, damaged);
            try
            {
                await Search();
                using SearchIndex index = Open();
                await index.UpdateAsync([.. Documents, new SearchDocument("c.txt", "More.")]);
            }
            catch (IndexFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 300);
    }

    [SkippableTheory]
    [InlineData("index.db")]
    [InlineData("index.db-wal")]
    [InlineData("index.db-shm")]
    [InlineData("index.db-journal")]
    [InlineData("index.db-lock")]
    public async Task Open_LinkInTheFolder_IsNotWrittenThrough(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        if (name != "index.db")
        {
            await CreateAsync();
            File.Delete(_folder[name]);
        }

        string target = _folder.Write("elsewhere/precious.txt", "precious");
        File.CreateSymbolicLink(_folder[name], target);
        await RefusedAsync("is a link");
        Assert.Equal("precious", File.ReadAllText(target));

        // A link that leads nowhere would make the file it names.
        File.Delete(target);
        await RefusedAsync("is a link");
        Assert.False(File.Exists(target));
    }

    [SkippableFact]
    public async Task Open_Pipe_DoesNotWait()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Made with mkfifo.");
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start("mkfifo", IndexPath);
        await process.WaitForExitAsync();
        await Assert.ThrowsAsync<IndexFileException>(() => Search()).WaitAsync(Patience.Hang);
        await Assert.ThrowsAsync<IndexFileException>(CreateAsync).WaitAsync(Patience.Hang);
    }

    [Fact]
    public void Session_UntrustedSchema_IsNotTrusted()
    {
        using SqliteSession session = new(path: null, canWrite: true);
        Assert.Equal(0, session.Number("PRAGMA trusted_schema"));
        Assert.Equal(1, session.Number("PRAGMA cell_size_check"));
        Assert.Throws<SqliteException>(() => session.Execute("ATTACH ':memory:' AS other"));

        // What SQLite calls defensive: no statement can write what only the library itself may.
        session.Execute("CREATE VIRTUAL TABLE t USING fts5 (x)");
        Assert.Throws<SqliteException>(() => session.Execute("DELETE FROM t_data"));
    }

    private async Task CreateAsync()
    {
        using SearchIndex index = Open();
        await index.UpdateAsync(Documents);
    }

    private SearchIndex Open() => new(_generator, new SearchIndexOptions { Path = IndexPath });

    private async Task<IReadOnlyList<SearchResult>> Search()
    {
        using SearchIndex index = Open();
        return await index.SearchAsync("cats sleep");
    }

    private async Task RefusedAsync(string expected)
    {
        foreach (Func<Task> use in (Func<Task>[])[CreateAsync, Search, () => Task.Run(() => SearchIndex.ReadInfo(IndexPath))])
        {
            IndexFileException exception = await Assert.ThrowsAsync<IndexFileException>(use);
            Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
            Assert.Contains(_folder.Path, exception.Message, StringComparison.Ordinal);
        }
    }

    private void Run(string sql)
    {
        using SqliteConnection connection = new($"Data Source={IndexPath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
