using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MetaEol.Retrieval;
using MetaEol.Tests;
using Microsoft.Data.Sqlite;

namespace MetaEol.Cli.Tests.Commands;

/// <summary>Two processes update one index and are killed at any moment; in the end it is as if nothing had happened.</summary>
public sealed class SearchKilledTests : IDisposable
{
    /// <summary>Number of kills; a few where it is not set.</summary>
    private const string RoundsVariable = "METAEOL_KILL_ROUNDS";

    private const int Files = 40, Changes = 10;

    private static readonly string[] Words = "dog cat bird snow rain guitar song band market share bank train plane hotel sea river cold warm old young house street".Split(' ');

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Search_TwoProcessesKilledAtRandom_LeaveAnIndexLikeAnUndisturbedOne()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable(RoundsVariable) ?? "4", CultureInfo.InvariantCulture);
        Random random = new(11);
        Dictionary<string, string> texts = [];
        for (int i = 0; i < Files; i++)
        {
            Write(texts, i, random);
        }

        // Only kills that find a process at work count; where both are done before, the next ones come sooner.
        int latest = 2500;
        for (int kills = 0; kills < rounds;)
        {
            using Process first = Start(), second = Start();
            await Task.Delay(random.Next(latest));
            Process[] working = [.. new[] { first, second }.Where(process => !process.HasExited)];
            if (working.Length == 0)
            {
                latest = Math.Max(50, latest * 3 / 4);
            }
            else
            {
                random.GetItems(working, 1)[0].Kill();
                kills++;
            }

            await Task.Delay(random.Next(0, 600));
            first.Kill();
            second.Kill();
            await first.WaitForExitAsync();
            await second.WaitForExitAsync();

            // Some documents change, go and come between two processes.
            for (int i = 0; i < Changes; i++)
            {
                Write(texts, random.Next(Files), random);
            }

            int gone = random.Next(Files);
            File.Delete(_folder["docs", $"d{gone}.md"]);
            texts.Remove($"d{gone}.md");
        }

        JsonElement[] disturbed = await SearchAsync(_folder["docs"]);
        foreach ((string name, string text) in texts)
        {
            _folder.Write($"undisturbed/{name}", text);
        }

        JsonElement[] undisturbed = await SearchAsync(_folder["undisturbed"]);
        Assert.Equal(undisturbed.Select(Place), disturbed.Select(Place));
        Assert.All(undisturbed.Zip(disturbed), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.GetProperty("score").GetDouble(), 1e-3));
        AssertWhole(_folder["docs", ".metaeol.db"], texts.Count);

        static string Place(JsonElement result) => $"{result.GetProperty("file")}:{result.GetProperty("line")} {result.GetProperty("text")}";
    }

    private static void AssertWhole(string path, int documents)
    {
        IndexInfo info = SearchIndex.ReadInfo(path)!;
        Assert.Equal(documents, info.Documents);
        using SqliteConnection connection = new($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        Assert.Equal("ok", Value("PRAGMA integrity_check"));
        Assert.Equal((long)info.Passages, Value($"SELECT count(*) FROM passages p JOIN vectors v ON v.hash = p.hash AND v.fingerprint = '{info.Fingerprint}'"));
        Assert.Equal(0L, Value("SELECT count(*) FROM passages p WHERE (SELECT count(*) FROM vectors v WHERE v.hash = p.hash) <> 1"));
        Assert.Equal(0L, Value("SELECT count(*) FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)"));
        Assert.Equal((long)info.Passages, Value("SELECT count(*) FROM words"));

        object? Value(string sql)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
    }

    private static async Task<JsonElement[]> SearchAsync(string folder) =>
        [.. JsonDocument.Parse((await InProcess.RunAsync("search", folder, "Where is the old dog in the snow?", "--top", "30", "--json")).Succeeded().Output).RootElement.EnumerateArray()];

    private Process Start()
    {
        Process process = Tool.Start(["search", _folder["docs"], "the old dog", "--batch", "2", "--model", "demo"]);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Write(Dictionary<string, string> texts, int file, Random random)
    {
        string text = $"# Number {file}\n\n" + string.Join("\n\n", Enumerable.Range(0, 3).Select(_ => string.Join(' ', random.GetItems(Words, 8)) + "."));
        texts[$"d{file}.md"] = text;
        _folder.Write($"docs/d{file}.md", text);
    }
}
