using System.CommandLine;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Learning;

namespace CoMiGS.Driver.Commands;

/// <summary>Where a run's page is served.</summary>
internal sealed class DashboardArguments
{
    private readonly Option<string?> listen = new("--listen")
    {
        Description = "Serve the page to others, too: an address of this machine, 0.0.0.0 for all. Needs a token, "
            + "which is part of the page's address.",
        HelpName = "ADDRESS",
    };

    private readonly Option<int> port = CommonOptions.Count(
        "--port", "Port of the page; any free one otherwise.", otherwise: 0, most: CommonOptions.LastPort);

    public void AddTo(Command command)
    {
        command.Options.Add(listen);
        command.Options.Add(port);
    }

    /// <exception cref="BadInputException">One of them is given, but no page is served.</exception>
    public void RequireNone(ParseResult parsed)
    {
        Option[] all = [listen, port];
        if (all.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new BadInputException($"{given.Name} needs --dashboard: without it no page is served.");
        }
    }

    /// <exception cref="BadInputException">Not an address.</exception>
    public DashboardSettings Read(ParseResult parsed) =>
        DashboardSettings.Of(parsed.GetValue(listen), parsed.GetValue(port));
}
