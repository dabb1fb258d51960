using System.Collections.Immutable;
using CoMiGS.Driver.Display;
using CoMiGS.Driver.Results;
using CoMiGS.Driver.Running;

namespace CoMiGS.Driver.Commands;

/// <summary>The end of a run that somebody followed: results written and shown.</summary>
internal static class Conclusion
{
    public static void Draw(
        Terminal terminal, bool isJson, string name, string output, ImmutableArray<ArmOutcome> outcomes,
        TimeSpan elapsed)
    {
        var summary = Summary.Of(name, outcomes, elapsed.TotalSeconds);
        AtomicFile.Write(Path.Combine(output, "summary.json"), Json.Write(summary) + "\n");
        AtomicFile.Write(Path.Combine(output, "report.html"), Report.Write(summary, outcomes));
        if (isJson)
        {
            terminal.Out.WriteLine(Json.Write(summary));
            return;
        }

        ResultTables.Show(terminal, outcomes);
        terminal.Out.WriteLine($"Took {Figures.Duration(elapsed)}; results are in {ResultsFolder.Shown(output)}.");
    }
}
