using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>Many encoders and callers while a thread collects garbage without a pause: nothing that native code reads may be collected.</summary>
public class CollectionStressTests
{
    private const int Encoders = 8;
    private const int CallersOfEncoder = 2;
    private const int PromptSets = 6;

    // Between them they run every operation that takes a number: caps, windows, GELU, scales of embedding and residual.
    private static readonly string[] Variants = ["biases everywhere", "gemma2, window and low caps", "granite, all multipliers and biases", "llama, GELU"];

    [Fact]
    public void Encode_WhileGarbageIsCollected_GivesTheSameVectors() => Run(calls: 1_000);

    [SkippableFact]
    public void Encode_FiftyThousandCallsWhileGarbageIsCollected_GiveTheSameVectors()
    {
        Skip.IfNot(Environment.GetEnvironmentVariable("METAEOL_LONG_TESTS") == "1", "Takes minutes: set METAEOL_LONG_TESTS=1.");
        Run(calls: 51_200);
    }

    private static void Run(int calls)
    {
        var subjects = new Subject[Encoders];
        for (int i = 0; i < Encoders; i++)
        {
            subjects[i] = new Subject(Variants[i % Variants.Length], seed: i);
        }

        bool stop = false;
        int collections = 0;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
                collections++;
            }
        });
        collector.Start();
        long compared = 0;
        try
        {
            int callsOfCaller = calls / (Encoders * CallersOfEncoder);
            Parallel.For(0, Encoders * CallersOfEncoder, new ParallelOptions { MaxDegreeOfParallelism = Encoders * CallersOfEncoder }, caller =>
            {
                Subject subject = subjects[caller % Encoders];
                for (int call = 0; call < callsOfCaller; call++)
                {
                    Interlocked.Add(ref compared, subject.EncodeAndCompare((call + caller) % PromptSets));
                }
            });
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
            Array.ForEach(subjects, subject => subject.Dispose());
        }

        Assert.True(compared >= calls, $"{compared} vectors of {calls} calls were compared.");
        Assert.True(collections > 0);
    }

    /// <summary>A model, its encoder, and what the encoder gave when nothing else ran.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly LlamaConfig _config;
        private readonly LlamaWeights _weights;
        private readonly TorchSharpPromptEncoder _encoder;
        private readonly ReadOnlyMemory<int>[][] _prompts;
        private readonly float[][] _expected;

        public Subject(string variant, int seed)
        {
            (ModelVariants.All[variant] with { LayerCount = 2 }).Write(_folder.Path);
            _config = LlamaConfig.Load(_folder.Path);
            _weights = LlamaWeights.Load(_folder.Path, _config);
            _encoder = new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1, PrefixCacheBytes = 50_000 });
            var random = new Random(seed);
            _prompts = [.. Enumerable.Range(0, PromptSets).Select(_ => Enumerable.Range(0, 2).Select(_ => new ReadOnlyMemory<int>(Tokens())).ToArray())];
            _expected = [.. _prompts.Select(Encode)];

            int[] Tokens() => [.. Enumerable.Range(0, random.Next(3, 14)).Select(_ => random.Next(_config.VocabularySize))];
        }

        /// <summary>Encodes a set of prompts; returns how many vectors were compared.</summary>
        public int EncodeAndCompare(int set)
        {
            float[] found = Encode(_prompts[set]);
            Assert.InRange(RelativeError.Largest(_expected[set], found, _config.HiddenSize), 0, 1e-5);
            return _prompts[set].Length;
        }

        public void Dispose()
        {
            _encoder.Dispose();
            _weights.Dispose();
            _folder.Dispose();
        }

        private float[] Encode(ReadOnlyMemory<int>[] prompts)
        {
            var states = new float[prompts.Length * _config.HiddenSize];
            _encoder.Encode(prompts, [_config.LayerCount], states);
            return states;
        }
    }
}
