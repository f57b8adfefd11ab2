using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary><c>ByteLevel</c>: characters of the byte alphabet become bytes of UTF-8. A token with another character is taken as plain text.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens, TextBudget budget)
    {
        List<byte> bytes = [];
        foreach (string token in tokens)
        {
            if (token.All(c => ByteAlphabet.ToByte(c) >= 0))
            {
                bytes.AddRange(token.Select(c => (byte)ByteAlphabet.ToByte(c)));
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
            }
        }

        return [Encoding.UTF8.GetString([.. bytes])];
    }
}
