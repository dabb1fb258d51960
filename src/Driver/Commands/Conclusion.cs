using System.Collections.Immutable;
using CoMiGS.Dashboard.Reporting;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Driver.Running;

namespace CoMiGS.Driver.Commands;

/// <summary>The end of a run that somebody followed: results written and shown.</summary>
internal static class Conclusion
{
    /// <param name="precision">Null where silos of a cluster compute.</param>
    /// <param name="remarks">Damaged files that the run went on without.</param>
    public static void Draw(
        Terminal terminal, bool isJson, string name, string output, ImmutableArray<ArmOutcome> outcomes,
        TimeSpan elapsed, BasePrecision? precision, ImmutableArray<string>? remarks = null)
    {
        var summary = Write(name, output, outcomes, elapsed, precision, remarks);
        if (isJson)
        {
            terminal.Out.WriteLine(Json.Write(summary));
            return;
        }

        ResultTables.Show(terminal, summary, outcomes);
        foreach (var remark in outcomes.Select(outcome => outcome.Remark).OfType<string>())
        {
            terminal.Out.WriteLine(remark);
        }

        if (precision?.Compared is { } compared)
        {
            terminal.Out.WriteLine(PrecisionText.Of(compared));
        }

        terminal.Out.WriteLine($"Took {Figures.Duration(elapsed)}; results are in {ResultsFolder.Shown(output)}.");
    }

    /// <summary>The report first: where there is a summary, the run has finished.</summary>
    public static Summary Write(
        string name, string output, ImmutableArray<ArmOutcome> outcomes, TimeSpan elapsed, BasePrecision? precision,
        ImmutableArray<string>? remarks = null)
    {
        var summary = Summaries.Of(name, outcomes, elapsed.TotalSeconds, precision, remarks);
        if (!outcomes[0].Traces.IsEmpty)
        {
            TracesFile.Write(output, outcomes[0].Traces);
        }

        Report.Write(output, summary);
        AtomicFile.Write(Path.Combine(output, ResultsFolder.SummaryName), Json.Write(summary) + "\n");
        return summary;
    }
}
