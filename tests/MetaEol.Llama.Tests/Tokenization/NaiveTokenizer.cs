using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>
/// The plainest reading of a tokenizer.json: .NET's regular expressions over a text whose astral characters have stand-ins, merges by scanning all pairs
/// again and again. Quadratic, and without added tokens; it shares nothing with the code under test.
/// </summary>
internal sealed class NaiveTokenizer
{
    private readonly Dictionary<string, int> _vocabulary = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), int> _merges = [];
    private readonly bool _ignoreMerges;
    private readonly bool _byteLevel;
    private readonly bool _digits;
    private readonly bool _nfc;
    private readonly bool _prepend;
    private readonly bool _metaspaceFirst;
    private readonly Regex? _split;

    public NaiveTokenizer(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement model = document.RootElement.GetProperty("model");
        foreach (JsonProperty token in model.GetProperty("vocab").EnumerateObject())
        {
            _vocabulary[token.Name] = token.Value.GetInt32();
        }

        foreach (JsonElement merge in model.GetProperty("merges").EnumerateArray())
        {
            string[] pair = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : [.. merge.EnumerateArray().Select(part => part.GetString()!)];
            _merges[(pair[0], pair[1])] = _merges.Count;
        }

        _ignoreMerges = model.TryGetProperty("ignore_merges", out JsonElement ignore) && ignore.GetBoolean();
        string normalizer = document.RootElement.GetProperty("normalizer").GetRawText();
        string preTokenizer = document.RootElement.GetProperty("pre_tokenizer").GetRawText();
        _nfc = normalizer.Contains("\"NFC\"", StringComparison.Ordinal);
        _prepend = normalizer.Contains("Prepend", StringComparison.Ordinal);
        _byteLevel = preTokenizer.Contains("ByteLevel", StringComparison.Ordinal);
        _digits = preTokenizer.Contains("Digits", StringComparison.Ordinal);
        _metaspaceFirst = preTokenizer.Contains("Metaspace", StringComparison.Ordinal);
        string expression = preTokenizer.Contains("Regex", StringComparison.Ordinal)
            ? document.RootElement.GetProperty("pre_tokenizer").GetProperty("pretokenizers")[0].GetProperty("pattern").GetProperty("Regex").GetString()!
            : @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        _split = _byteLevel ? new Regex(expression, RegexOptions.CultureInvariant) : null;
    }

    public List<int> Encode(string text)
    {
        List<int> ids = [];
        if (text.Length == 0)
        {
            return ids;
        }

        text = _nfc ? text.Normalize(NormalizationForm.FormC) : text;
        if (!_byteLevel)
        {
            string spelled = text.Replace(' ', '▁');
            bool mark = _prepend || (_metaspaceFirst && !spelled.StartsWith('▁'));
            Merge([.. (mark ? "▁" + spelled : spelled).EnumerateRunes().SelectMany(Pieces)], ids);
            return ids;
        }

        foreach (string word in Words(text))
        {
            string spelled = Spell(word);
            if (_ignoreMerges && _vocabulary.TryGetValue(spelled, out int whole))
            {
                ids.Add(whole);
            }
            else
            {
                Merge([.. spelled.Select(c => c.ToString())], ids);
            }
        }

        return ids;
    }

    /// <summary>A character that is a token, or else its byte tokens.</summary>
    private IEnumerable<string> Pieces(Rune rune) =>
        _vocabulary.ContainsKey(rune.ToString()) ? [rune.ToString()] : Encoding.UTF8.GetBytes(rune.ToString()).Select(value => $"<0x{value:X2}>");

    private void Merge(List<string> parts, List<int> ids)
    {
        while (true)
        {
            int best = -1;
            int bestRank = int.MaxValue;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                if (_merges.TryGetValue((parts[i], parts[i + 1]), out int rank) && rank < bestRank)
                {
                    (best, bestRank) = (i, rank);
                }
            }

            if (best < 0)
            {
                break;
            }

            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }

        ids.AddRange(parts.Select(part => _vocabulary[part]));
    }

    private IEnumerable<string> Words(string text)
    {
        List<string> runs = _digits ? SplitDigits(text) : [text];
        foreach (string run in runs)
        {
            string[] characters = [.. run.EnumerateRunes().Select(rune => rune.ToString())];
            string shadow = string.Concat(characters.Select(StandIn));
            int at = 0;
            foreach (Match match in _split!.Matches(shadow))
            {
                Assert.Equal(at, match.Index);
                yield return string.Concat(characters[match.Index..(match.Index + match.Length)]);
                at += match.Length;
            }

            Assert.Equal(characters.Length, at);
        }
    }

    private static List<string> SplitDigits(string text)
    {
        List<string> runs = [];
        bool open = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool digit = Rune.IsNumber(rune);
            if (digit || !open)
            {
                runs.Add(rune.ToString());
            }
            else
            {
                runs[^1] += rune.ToString();
            }

            open = !digit;
        }

        return runs;
    }

    /// <summary>A character of the same general category below U+FFFF.</summary>
    private static string StandIn(string character)
    {
        if (character.Length == 1)
        {
            return character;
        }

        return Rune.GetUnicodeCategory(Rune.GetRuneAt(character, 0)) switch
        {
            UnicodeCategory.UppercaseLetter => "Ж",
            UnicodeCategory.LowercaseLetter => "ж",
            UnicodeCategory.TitlecaseLetter => "ǅ",
            UnicodeCategory.ModifierLetter => "ʰ",
            UnicodeCategory.OtherLetter => "中",
            UnicodeCategory.DecimalDigitNumber => "٣",
            UnicodeCategory.LetterNumber => "Ⅷ",
            UnicodeCategory.OtherNumber => "½",
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => "\u0301",
            _ => "☃",
        };
    }

    private static string Spell(string word)
    {
        StringBuilder spelled = new();
        foreach (byte value in Encoding.UTF8.GetBytes(word))
        {
            int shifted = value switch
            {
                <= 0x20 => 0x100 + value,
                >= 0x7F and <= 0xA0 => 0x121 + (value - 0x7F),
                0xAD => 0x143,
                _ => value,
            };
            spelled.Append((char)shifted);
        }

        return spelled.ToString();
    }
}
