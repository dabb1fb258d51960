using CoMiGS.Driver.Display;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Results.RunFiles;
using Spectre.Console;

namespace CoMiGS.Driver.Tests;

/// <summary>How far a run is, for people.</summary>
public sealed class ProgressViewsTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData(new[] { 3.0, 2, 1 }, "█▅▁")]
    [InlineData(new[] { 1.0, double.NaN, 1 }, "▁▁")]
    [InlineData(new double[0], "")]
    public void Sparkline_Figures_AreSteps(double[] figures, string wanted) =>
        Assert.Equal(wanted, Sparkline.Of(figures));

    [Theory]
    [InlineData(ColorSystemSupport.NoColors, false)]
    [InlineData(ColorSystemSupport.TrueColor, true)]
    public async Task Progress_OnATerminal_IsATableWithALinePerUser(ColorSystemSupport colours, bool hasColour)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = AnsiSupport.Yes,
            ColorSystem = colours,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Capabilities.Unicode = true;
        console.Profile.Width = 140;
        await ShowAsync(new(output, TextWriter.Null, console, IsLive: true));
        Assert.Contains("█▁", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("without b", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(hasColour, output.ToString().Contains("\u001b[38", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Progress_ElsewhereThanOnATerminal_IsPlainLines()
    {
        using var output = new StringWriter();
        await ShowAsync(Terminal.Of(output, TextWriter.Null));
        var lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains(
            "round 2/2  loss 1.000 (a 1.000)  perplexity (a 7.4)  without b", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    /// <summary>Two rounds of user a; b is missing.</summary>
    private Task<bool> ShowAsync(Terminal terminal)
    {
        var arm = Arms.Of(RunFileReader.Read(workspace.RunFile, []), "/out")[0];
        return ProgressViews.WhileAsync(terminal, terminal.IsLive, terminal.Out, view =>
        {
            for (var round = 0; round < 2; round++)
            {
                view.Show(new(arm, 1, 1, Report(round, perplexity: 3 - round), new(default, default)));
            }

            return Task.FromResult(true);
        });
    }

    /// <param name="perplexity">Its logarithm.</param>
    private static RoundReport Report(int round, double perplexity) => new()
    {
        Round = round,
        RoundCount = 2,
        Receipts =
        [
            new()
            {
                User = "a",
                Round = round,
                Attempt = 0,
                Silo = "here",
                TrainLoss = new(10, 10),
                RouterLoss = default,
                Tokens = 10,
                BytesSent = 8,
                ElapsedSeconds = 0.5,
            },
        ],
        Missing = ["b"],
        Evaluations = [new("a", "own", new(10 * perplexity, 10), [], 100)],
        TrainingSeconds = 1,
        EvaluationSeconds = 0.1,
        BytesSent = 8,
        Generalist = null,
        BytesAcrossSilos = 0,
    };
}
