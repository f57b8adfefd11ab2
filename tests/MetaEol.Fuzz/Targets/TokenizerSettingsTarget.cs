using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.ModelFiles;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary><c>tokenizer_config.json</c>, and <c>special_tokens_map.json</c> with the same content, beside tokenizers of both kinds.</summary>
internal sealed class TokenizerSettingsTarget : FuzzTarget
{
    private readonly TemporaryFolder _folder = new();

    public override string Name => "tokenizer-settings";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator(TokenizerSeeds.Settings, ["<s>", "</s>", "<unk>", "a", "ab", "LlamaTokenizerFast", "GemmaTokenizer"]),
        new ByteMutator(TokenizerSeeds.Settings),
    ];

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_folder.File("tokenizer_config.json"), input);
        File.WriteAllBytes(_folder.File("special_tokens_map.json"), input);
        var settings = TokenizerConfig.Read(new ModelFolder(_folder.Path));
        List<InvalidModelException> refusals = [];
        Check(() => TokenizerJsonReader.Read("'tokenizer.json'", TokenizerSeeds.Json[2], settings), readsRanges: true);
        Check(() => SentencePieceReader.Read("'tokenizer.model'", TokenizerSeeds.SentencePiece[1], settings), readsRanges: false);
        if (refusals.Count > 0)
        {
            throw refusals[0];
        }

        void Check(Func<ITokenizer> read, bool readsRanges)
        {
            try
            {
                TokenizerChecks.Check(read(), readsRanges);
            }
            catch (InvalidModelException refusal)
            {
                // One kind refuses what the other takes.
                refusals.Add(refusal);
            }
        }
    }

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }
}
