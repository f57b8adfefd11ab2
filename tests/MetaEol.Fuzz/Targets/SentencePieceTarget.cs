using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.ModelFiles;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary><c>tokenizer.model</c> of SentencePiece, and what the tokenizer then makes of texts.</summary>
internal sealed class SentencePieceTarget : FuzzTarget
{
    private readonly TemporaryFolder _empty = new();
    private TokenizerConfig? _settings;

    public override string Name => "sentencepiece";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new ProtobufMutator(TokenizerSeeds.SentencePiece, field => field is 1 or 2 or 3),
        new ByteMutator(TokenizerSeeds.SentencePiece),
    ];

    public override void Run(byte[] input) =>
        TokenizerChecks.Check(SentencePieceReader.Read("'tokenizer.model'", input, _settings ??= TokenizerConfig.Read(new ModelFolder(_empty.Path))), readsRanges: false);

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;

    public override void Dispose()
    {
        _empty.Dispose();
        base.Dispose();
    }
}
