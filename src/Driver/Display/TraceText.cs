using System.Text;
using Spectre.Console;

namespace CoMiGS.Driver.Display;

/// <summary>A text with every token marked by its first expert: colours where there are any, brackets
/// elsewhere.</summary>
internal static class TraceText
{
    /// <summary>By expert; 0 is the generalist. Also the colours of the report.</summary>
    private static readonly string[] Colours = ["blue", "yellow", "green", "magenta", "cyan", "red", "white", "grey"];

    public static string Legend(bool hasColour) => hasColour
        ? $"First expert of every token: [black on {Colours[0]}]generalist[/] [black on {Colours[1]}]specialist[/]"
        : Markup.Escape("First expert of every token: the generalist, [1:specialist 1], [2:specialist 2] and so on");

    /// <returns>Markup of one line.</returns>
    public static string Of(IReadOnlyList<string> tokens, IReadOnlyList<byte> experts, bool hasColour)
    {
        var text = new StringBuilder();
        foreach (var (expert, run) in Runs(tokens, experts))
        {
            var safe = Markup.Escape(run);
            text.Append(hasColour ? $"[black on {Colours[expert % Colours.Length]}]{safe}[/]"
                : expert == 0 ? safe
                : $"[[{expert}:{safe}]]");
        }

        return text.ToString();
    }

    /// <summary>Neighbouring tokens of one expert, joined.</summary>
    public static IEnumerable<(byte Expert, string Text)> Runs(
        IReadOnlyList<string> tokens, IReadOnlyList<byte> experts)
    {
        for (var start = 0; start < tokens.Count;)
        {
            var end = start + 1;
            while (end < tokens.Count && experts[end] == experts[start])
            {
                end++;
            }

            yield return (experts[start], Printable(string.Concat(tokens.Skip(start).Take(end - start))));
            start = end;
        }
    }

    /// <summary>Line ends and other control characters would break the line, or the terminal.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
