using System.CommandLine;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Driver.Display;
using CoMiGS.Results;

namespace CoMiGS.Driver.Commands;

/// <summary>dashboard RESULTS: the page of a run, finished or growing, until told to stop.</summary>
internal static class DashboardCommand
{
    public static Command Create(Terminal terminal)
    {
        var (results, format, serving) = (CommonOptions.Results(), CommonOptions.Format(), new DashboardArguments());
        var command = new Command("dashboard", "Serve a run's page, finished or still going on.") { results, format };
        serving.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var tracer = new AdapterTracer();
            await using var server = await DashboardServer.StartAsync(
                parsed.GetValue(results)!, serving.Read(parsed), tracer, stop);
            terminal.Out.WriteLine(parsed.IsJson(format)
                ? Json.WriteLine(new { dashboard = server.Address })
                : $"Dashboard: {server.Address}");
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        });
        return command;
    }
}
