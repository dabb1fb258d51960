using System.Text;
using CoMiGS.Results;
using Spectre.Console;

namespace CoMiGS.Driver.Display;

/// <summary>A text with every token marked by its first expert: colours where there are any, brackets
/// elsewhere.</summary>
internal static class TraceText
{
    /// <summary>By expert; 0 is the generalist. Also the colours of the page.</summary>
    private static readonly string[] Colours = ["blue", "yellow", "green", "magenta", "cyan", "red", "white", "grey"];

    public static string Legend(bool hasColour) => hasColour
        ? $"First expert of every token: [black on {Colours[0]}]generalist[/] [black on {Colours[1]}]specialist[/]"
        : Markup.Escape("First expert of every token: the generalist, [1:specialist 1], [2:specialist 2] and so on");

    /// <returns>Markup of one line.</returns>
    public static string Of(IReadOnlyList<string> tokens, IReadOnlyList<byte> experts, bool hasColour)
    {
        var text = new StringBuilder();
        foreach (var (expert, run) in TokenRuns.Of(tokens, experts))
        {
            var safe = Markup.Escape(run);
            text.Append(hasColour ? $"[black on {Colours[expert % Colours.Length]}]{safe}[/]"
                : expert == 0 ? safe
                : $"[[{expert}:{safe}]]");
        }

        return text.ToString();
    }
}
