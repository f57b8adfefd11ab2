using System.Collections.Frozen;

namespace MetaEol.Extensions.Prompting;

/// <summary>English words that say how others belong together and nothing of what a text is about, by their kind.</summary>
internal static class StopWords
{
    private static readonly FrozenSet<string> English = """
        a an the this that these those such same own other another
        i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself they them their theirs themselves
        who whom whose which what when where why how whether
        am is are was were be been being do does did doing done have has had having
        can cannot could may might must shall should will would ought
        and or but nor if because as until while although though since unless than so
        of at by for with about against between among into onto through during before after above below to from up down in out on off over under upon within without across along around toward towards
        again further then once here there now just only very too also even still ever yet more most much many some any each every all both few several either neither no not
        can't won't shan't ain't gonna gotta wanna gimme lemme
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    // What the short forms leave of a second word: it's, don't, we'll.
    private static readonly string[] ShortForms = ["n't", "'s", "'m", "'d", "'ll", "'re", "'ve"];

    /// <summary>Whether a lower-case word is one of them.</summary>
    public static bool Contains(string word) => English.Contains(word);

    /// <summary>Where the short form at a word's end begins; the word's length if it has none.</summary>
    public static int FindShortForm(ReadOnlySpan<char> word)
    {
        foreach (string form in ShortForms)
        {
            if (word.Length > form.Length && word.EndsWith(form, StringComparison.Ordinal))
            {
                return word.Length - form.Length;
            }
        }

        return word.Length;
    }
}
