using CoMiGS.Dashboard.Following;
using CoMiGS.Learning;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Reporting;

/// <summary>What a finished run leaves for people: report.html, and its figures as CSV.</summary>
internal static class Report
{
    /// <param name="folder">With everything a run writes before it has a summary.</param>
    public static void Write(string folder, Summary summary)
    {
        var run = RunFolder.Open(folder, summary);
        CsvFigures.Write(run, summary);
        AtomicFile.Write(
            Path.Combine(run.Path, ResultsFolder.ReportName),
            ReportPage.Write(run, summary, TracesFile.Read(run.Path)));
    }

    /// <summary>Makes them again.</summary>
    /// <returns>Path of the page.</returns>
    /// <exception cref="BadInputException">There are no results, the run has not finished, or its rounds are not all
    /// there any more: what was made of them then stays.</exception>
    public static string Write(string folder)
    {
        var run = RunFolder.Open(folder);
        var summary = run.Summary ?? throw new BadInputException(
            $"{folder}: the run has not finished, there is no {ResultsFolder.SummaryName}.");
        if (run.Arms.FirstOrDefault(arm => arm.DamagedLines > 0 || arm.Rounds.Count < arm.Arm.Spec.Rounds) is { } arm)
        {
            throw new BadInputException(
                $"{arm.Path} holds {arm.Rounds.Count} whole rounds of {arm.Arm.Spec.Rounds} and "
                + $"{Figures.Plural(arm.DamagedLines, "damaged line")}: the report stays as it is.");
        }

        Write(run.Path, summary);
        return Path.Combine(run.Path, ResultsFolder.ReportName);
    }
}
