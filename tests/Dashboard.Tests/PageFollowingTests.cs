using CoMiGS.Dashboard.Serving;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Driver.Tests;

namespace CoMiGS.Dashboard.Tests;

/// <summary>What the page says of runs that stop, begin anew or have a clock of their own.</summary>
public sealed class PageFollowingTests(Browsing browsing) : IClassFixture<Browsing>, IAsyncLifetime
{
    private readonly Workspace workspace = new();
    private readonly AdapterTracer tracer = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        tracer.Dispose();
        workspace.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task DelayFault_WithoutDevices_IsShownOnTheVirtualClock()
    {
        var folder = workspace.At("ran");
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", folder, "--set", "baselines=[]", "--set",
            "faults=[{kind: delay, seconds: 20}]", "--set", "round.simulatedDeadlineSeconds=45");
        Assert.Equal(0, answer.ExitCode);
        await using var server = await ServeAsync(folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/rounds");
        await tab.UntilAsync("document.querySelector('.waterfall .bar i')");
        Assert.True(await tab.AskAsync<bool>("document.querySelector('[aria-label=phases]').hidden"));
        var said = await tab.AskAsync<string>("document.querySelector('#page').textContent");
        Assert.Contains("deadline 45.0 s on the virtual clock", said, StringComparison.Ordinal);
        Assert.Contains("s on the virtual clock; 0 rounds with missing users", said, StringComparison.Ordinal);
        Assert.DoesNotContain("training and measuring", said, StringComparison.Ordinal);
        Assert.Empty(tab.Complaints);
    }

    private Task<DashboardServer> ServeAsync(string folder)
    {
        Browsing.RequirePage();
        return DashboardServer.StartAsync(folder, DashboardSettings.Of(null, 0), tracer, CancellationToken.None);
    }
}
