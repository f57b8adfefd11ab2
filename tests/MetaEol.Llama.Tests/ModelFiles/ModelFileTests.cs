using System.Diagnostics;
using System.Net.Sockets;
using MetaEol.Llama.ModelFiles;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.ModelFiles;

/// <summary>What may lie where a file of a model is expected: each is refused in time, with a sentence that says what it is and what to do.</summary>
public sealed class ModelFileTests
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    /// <summary>Every file that loading a folder reads, the order of reading.</summary>
    public static TheoryData<string> Names => ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

    public static TheoryData<string> NamesWithoutPreferred =>
        ["config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"];

    [Theory]
    [MemberData(nameof(NamesWithoutPreferred))]
    public void Load_GitLfsPointer_SaysWhatItIs(string name) => AssertRefused(name, file => File.WriteAllText(file, Pointer), "git-lfs pointer", "git lfs pull");

    [Theory]
    [MemberData(nameof(NamesWithoutPreferred))]
    public void Load_Gguf_SaysWhatItIs(string name) =>
        AssertRefused(name, file => File.WriteAllBytes(file, [.. "GGUF\x03\0\0\0"u8, .. new byte[100]]), "is a GGUF file", "config.json", "safetensors");

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_PickledCheckpoint_SaysWhatItIs(string name)
    {
        AssertRefused(name, file => File.WriteAllBytes(file, [.. "PK\x03\x04"u8, 0, 0, 8, 8, .. new byte[100]]), "pickled PyTorch checkpoint", "save_pretrained");
        AssertRefused(name, file => File.WriteAllBytes(file, [0x80, 2, 0x8A, 10, (byte)'l', 0xFC, 0x9C, 0x46, 0xF9, .. new byte[100]]), "pickled PyTorch checkpoint");
    }

    [SkippableTheory]
    [MemberData(nameof(NamesWithoutPreferred))]
    public void Load_Pipe_IsRefusedBeforeItBlocks(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no pipes among its files.");
        AssertRefused(name, MakePipe, "a pipe, a device or a socket", "Put the file itself there");
    }

    [SkippableTheory]
    [MemberData(nameof(NamesWithoutPreferred))]
    public void Load_LinkToEndlessDevice_IsRefused(string name)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs /dev/zero.");
        AssertRefused(name, file => File.CreateSymbolicLink(file, "/dev/zero"), "a link to '/dev/zero'", "a pipe, a device or a socket");
    }

    [SkippableFact]
    public void Open_Socket_IsRefused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Sockets are not among the files of Windows.");
        using var folder = new TemporaryFolder();
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder.File("config.json")));

        Assert.Contains("a socket", TimeLimit.Throws(() => ModelFile.Open(folder.File("config.json"), "expected a configuration")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NamesWithoutPreferred))]
    public void Load_FolderOrEmptyFile_IsNamed(string name)
    {
        AssertRefused(name, file => Directory.CreateDirectory(file), "is a folder, not a file");
        AssertRefused(name, file => File.WriteAllBytes(file, []), "is empty");
    }

    [SkippableTheory]
    [MemberData(nameof(NamesWithoutPreferred))]
    public void Load_LinkThatLeadsNowhere_IsNamedAndNotPassedOver(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "Creating links needs a privilege on Windows.");
        AssertRefused(name, file => File.CreateSymbolicLink(file, "../blobs/gone"), "is a link to", "Download the file again");
    }

    [SkippableTheory]
    [InlineData("fifo")]
    [InlineData("zero")]
    public void Fingerprint_FurtherWeightsThatBlock_AreNotTouched(string kind)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs pipes and /dev/zero.");
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        string further = folder.File("other.safetensors");
        if (kind == "fifo")
        {
            MakePipe(further);
        }
        else
        {
            File.CreateSymbolicLink(further, "/dev/zero");
        }

        using LlamaModel demo = LlamaModel.Load(TestPaths.DemoModel);
        using LlamaModel model = TimeLimit.Run(() => LlamaModel.Load(folder.Path));
        Assert.Equal(demo.Fingerprint, TimeLimit.Run(() => model.Fingerprint));
    }

    [Theory]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("tokenizer.json")]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    public void Load_BadTextInJson_SaysSo(string name)
    {
        AssertRefused(name, file => File.WriteAllBytes(file, [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8]), "not valid UTF-8");
        AssertRefused(name, file => File.WriteAllText(file, "{ \"bos_token\": \"a\", \"bos_token\": \"b\" }"), "bos_token");
        AssertRefused(name, file => File.WriteAllText(file, "{"), "JSON");
        AssertRefused(name, file => File.WriteAllText(file, "{\"a\":" + new string('[', 100_000)), "JSON");
    }

    [Theory]
    [InlineData("{ \"tokenizer_class\": \"LlamaTokenizer\", \"bos_token\": \"\\ud800\" }")]
    [InlineData("{ \"added_tokens_decoder\": { \"\\udc00\": { \"content\": \"a\" } } }")]
    public void Load_HalfASurrogatePairInSettings_SaysSo(string settings) =>
        AssertRefused("tokenizer_config.json", file => File.WriteAllText(file, settings), "valid Unicode");

    [Fact]
    public void Quote_WhatTerminalsObey_IsEscaped()
    {
        Assert.Equal(@"'a\u001b[31m\u009b\u202e\u2028b'", ModelFile.Quote("a\u001b[31m\u009b\u202e\u2028b"));
        Assert.Equal('…', ModelFile.Quote(new string('x', 1000))[^2]);
        Assert.InRange(ModelFile.Quote(new byte[1_000_000]).Length, 80, 600);
    }

    private static void MakePipe(string path)
    {
        using Process process = Process.Start("mkfifo", path);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Loads a folder in which one file is something else.</summary>
    private static void AssertRefused(string name, Action<string> make, params string[] parts)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyFrom(TestPaths.DemoModel);
        if (name == "model.safetensors.index.json")
        {
            File.Delete(folder.File("model.safetensors"));
        }

        if (name == "tokenizer.model")
        {
            File.Delete(folder.File("tokenizer.json"));
        }

        if (name == "special_tokens_map.json")
        {
            File.Delete(folder.File("tokenizer_config.json"));
        }

        File.Delete(folder.File(name));
        make(folder.File(name));

        string message = TimeLimit.Throws(() => LlamaModel.Load(folder.Path).Dispose()).Message;

        Assert.Contains(folder.File(name), message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
