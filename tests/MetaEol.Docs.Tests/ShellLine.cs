using System.Text;

namespace MetaEol.Docs.Tests;

/// <summary>The commands of a line as a POSIX shell reads it, as far as the pages use it: quotes, pipes, redirections, comments.</summary>
internal static class ShellLine
{
    /// <summary>The lines of a block that a reader types: all of a script, and those with a prompt of a recording; continued lines are joined.</summary>
    public static IEnumerable<(int Line, string Text)> Typed(string block, bool isRecording)
    {
        string[] lines = block.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int first = i;
            string text = lines[i];
            if (isRecording)
            {
                if (!text.StartsWith("$ ", StringComparison.Ordinal))
                {
                    continue;
                }

                text = text[2..];
            }

            while (text.EndsWith('\\') && i + 1 < lines.Length)
            {
                text = $"{text[..^1]}{lines[++i]}";
            }

            yield return (first, text);
        }
    }

    /// <summary>The words of each command of a line; redirections are left out.</summary>
    /// <exception cref="FormatException">A quote is not closed.</exception>
    public static IReadOnlyList<string[]> Commands(string line)
    {
        List<string[]> commands = [];
        List<string> words = [];
        StringBuilder? word = null;
        bool isTarget = false;
        char quote = '\0';

        void EndWord()
        {
            if (word is not null && !isTarget)
            {
                words.Add(word.ToString());
            }

            isTarget &= word is null;
            word = null;
        }

        void EndCommand()
        {
            EndWord();
            if (words.Count > 0)
            {
                commands.Add([.. words]);
                words.Clear();
            }
        }

        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word!.Append(c);
                }
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (c == '#' && word is null)
            {
                break;
            }
            else if (c is '|' or ';' or '&')
            {
                EndCommand();
            }
            else if (c is '>' or '<')
            {
                // 2> is a redirection, too.
                if (word?.ToString() is "1" or "2")
                {
                    word = null;
                }

                EndWord();
                isTarget = true;
            }
            else if (char.IsWhiteSpace(c))
            {
                EndWord();
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        EndCommand();
        return quote == '\0' ? commands : throw new FormatException($"A quote is not closed: {line}");
    }
}
