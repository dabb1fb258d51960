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
        var (results, format) = (CommonOptions.Results(), CommonOptions.Format());
        var command = new Command("report", "Make the report of a finished run again.") { results, format };
        command.SetAction(parsed =>
        {
            var report = Report.Write(parsed.GetValue(results)!);
            terminal.Out.WriteLine(parsed.IsJson(format)
                ? Json.WriteLine(new { report })
                : $"The report is {ResultsFolder.Shown(report)}.");
        });
        return command;
    }
}
