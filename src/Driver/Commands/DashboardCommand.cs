using System.CommandLine;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Driver.Display;

namespace CoMiGS.Driver.Commands;

/// <summary>dashboard RESULTS: the page of a run, finished or growing, until told to stop.</summary>
internal static class DashboardCommand
{
    public static Command Create(Terminal terminal)
    {
        var (results, serving) = (CommonOptions.Results(), new DashboardArguments());
        var command = new Command("dashboard", "Serve a run's page, finished or still going on.") { results };
        serving.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var tracer = new AdapterTracer();
            await using var server = await DashboardServer.StartAsync(
                parsed.GetValue(results)!, serving.Read(parsed), tracer, stop);
            terminal.Out.WriteLine($"Dashboard: {server.Address}");
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        });
        return command;
    }
}
