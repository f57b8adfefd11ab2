using System.CommandLine;
using MetaEol.AspNetCore.Hosting;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Models;
using MetaEol.Cli.Serving;
using MetaEol.Extensions;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol serve</c>: the embedding endpoints of OpenAI, Text Embeddings Inference and Ollama over models.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    private const int LongestDrain = 3600;

    public static Command Create(Terminal terminal)
    {
        EmbeddingHostOptions defaults = new();
        Option<int> port = ToolOption.Number("--port", "Port to listen at; 0 takes a free one,", 0, 65535, defaults.Port);
        Option<string?> host = ToolOption.Text("--host", $"Address to listen at: an IP address, localhost, or * for all. Default: {defaults.Host}. Any but this machine's own needs --api-key-file.", "ADDRESS");
        Option<string?> keys = ToolOption.Text("--api-key-file", "A file with the keys that are accepted, one a line. Default: none is asked for.", "FILE");
        Option<int> waiting = ToolOption.Number("--max-waiting-tokens", "Most prompt tokens that wait; more gets the status 429,", 1, int.MaxValue, (int)defaults.Server.MaxWaitingTokens);
        Option<string[]> aliases = new("--alias") { Description = "Another name of a model, such as text-embedding-3-small=demo. May be given several times.", HelpName = "NAME=MODEL" };
        Option<string[]> origins = new("--cors") { Description = "An origin whose pages may call the server, such as https://app.example. May be given several times. Default: none.", HelpName = "ORIGIN" };
        Option<string?> certificate = ToolOption.Text("--certificate", "A PEM file with a certificate, for HTTPS. Default: plain HTTP.", "FILE");
        Option<string?> certificateKey = ToolOption.Text("--certificate-key", "The PEM file with the certificate's key, where it is not in the same file.", "FILE");
        Option<string?> index = ToolOption.Text("--index", $"A folder that 'metaeol search' has indexed, or an index file: the page searches it.", "FOLDER|FILE");
        Option<int> drain = ToolOption.Number("--drain-seconds", "Longest time that requests under way may take once the server is asked to stop,", 0, LongestDrain, (int)defaults.DrainTime.TotalSeconds);
        Option<bool> jsonLog = ToolOption.Switch("--json-log", "Write log lines as JSON objects.");
        ToolCommand command = new(
            Name,
            "Serve embeddings over HTTP as OpenAI, Text Embeddings Inference and Ollama do, and a page that shows what a vector is.",
            "metaeol serve",
            "metaeol serve --model meta-llama/Llama-3.2-1B --model small=./models/demo --int8",
            "metaeol serve --host 0.0.0.0 --api-key-file keys.txt --alias text-embedding-3-small=demo")
        {
            port, host, keys, waiting, aliases, origins, certificate, certificateKey, index, drain, jsonLog,
        };
        ModelOptions models = new(command, truncate: false, several: true);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            EmbeddingHostOptions options = new()
            {
                Host = parse.GetValue(host) ?? defaults.Host,
                Port = parse.GetValue(port),
                CertificateFile = parse.GetValue(certificate),
                CertificateKeyFile = parse.GetValue(certificateKey),
                DrainTime = TimeSpan.FromSeconds(parse.GetValue(drain)),
                JsonLog = parse.GetValue(jsonLog),
                Server = { MaxWaitingTokens = parse.GetValue(waiting) },
                Started = address =>
                {
                    terminal.WriteLine($"Listening on {address}");
                    terminal.Data.Flush();
                },
            };
            foreach (string key in ReadKeys(parse.GetValue(keys)))
            {
                options.Server.ApiKeys.Add(key);
            }

            foreach (string origin in parse.GetValue(origins) ?? [])
            {
                options.CorsOrigins.Add(origin);
            }

            // What this process would find wrong is told before another starts.
            if (!WebRuntime.IsPresent)
            {
                Environment.ExitCode = WebRuntime.RunAgain();
                return;
            }

            foreach (MetaEolOptions model in models.CreateAll(parse, terminal))
            {
                options.Models.Add(model);
            }

            AddAliases(options, parse.GetValue(aliases) ?? []);
            using SearchedIndex? searched = parse.GetValue(index) is { } path ? SearchedIndex.Open(path, models, parse, terminal) : null;
            options.Search = searched is null ? null : searched.SearchAsync;
            await EmbeddingHost.RunAsync(options, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static IEnumerable<string> ReadKeys(string? path)
    {
        if (path is null)
        {
            return [];
        }

        string[] keys = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        return keys.Length > 0 ? keys : throw new ToolException($"'{path}' holds no key: write one a line; lines that begin with # do not count.");
    }

    private static void AddAliases(EmbeddingHostOptions options, string[] aliases)
    {
        foreach (string alias in aliases)
        {
            int equals = alias.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == alias.Length - 1)
            {
                throw new ToolException($"--alias is '{alias}': write NAME=MODEL.");
            }

            options.Server.Aliases[alias[..equals]] = alias[(equals + 1)..];
        }
    }
}
