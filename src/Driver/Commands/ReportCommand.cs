using System.CommandLine;
using CoMiGS.Dashboard.Reporting;
using CoMiGS.Driver.Display;
using CoMiGS.Results;

namespace CoMiGS.Driver.Commands;

/// <summary>report RESULTS: a finished run's report and CSV files once more, from what is in its folder.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var results = CommonOptions.Results();
        var command = new Command("report", "Make the report of a finished run again.") { results };
        command.SetAction(parsed => terminal.Out.WriteLine(
            $"The report is {ResultsFolder.Shown(Report.Write(parsed.GetValue(results)!))}."));
        return command;
    }
}
