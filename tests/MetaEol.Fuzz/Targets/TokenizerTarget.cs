using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Fuzz.Targets;

/// <summary><c>tokenizer.json</c> in all its sections, and what the tokenizer then makes of texts.</summary>
internal sealed class TokenizerTarget : FuzzTarget
{
    public override string Name => "tokenizer";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator(TokenizerSeeds.Json, TokenizerSeeds.JsonWords, TokenizerSeeds.JsonValues),
        new JsonMutator([TokenizerSeeds.Json[0], TokenizerSeeds.Json[3]], TokenizerSeeds.JsonWords, TokenizerSeeds.JsonValues),
        new ByteMutator(TokenizerSeeds.Json),
    ];

    public override void Run(byte[] input) => TokenizerChecks.Check(TokenizerJsonReader.Read("'tokenizer.json'", input, null), readsRanges: true);

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;
}
