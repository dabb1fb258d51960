using Spectre.Console;

namespace CoMiGS.Driver.Display;

/// <summary>Where a command writes: results to <paramref name="Out"/>, remarks to <paramref name="Error"/>.</summary>
/// <param name="Console">Tables and colours on <paramref name="Out"/>; without colour when it is not a terminal or
/// NO_COLOR is set.</param>
/// <param name="IsLive">A person watches: what is written can be written over.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, IAnsiConsole Console, bool IsLive)
{
    // Tables take what they need; a sentence stays one line.
    private const int WidthOfFiles = 4096;

    public static Terminal Of(TextWriter output, TextWriter error)
    {
        var target = new AnsiConsoleOutput(output);
        var isLive = target.IsTerminal && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        var hasColour = isLive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new()
        {
            Out = target,
            Ansi = isLive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!target.IsTerminal)
        {
            console.Profile.Width = WidthOfFiles;
        }

        return new(output, error, console, isLive);
    }

    public bool HasUnicode => Console.Profile.Capabilities.Unicode;

    public bool HasColour => Console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;
}
