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
    /// <exception cref="BadInputException">There are no results, or the run has not finished.</exception>
    public static string Write(string folder)
    {
        var run = RunFolder.Open(folder);
        Write(run.Path, run.Summary ?? throw new BadInputException(
            $"{folder}: the run has not finished, there is no {ResultsFolder.SummaryName}."));
        return Path.Combine(run.Path, ResultsFolder.ReportName);
    }
}
