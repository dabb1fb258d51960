using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Views;
using CoMiGS.Driver.Tests;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Tests;

/// <summary>What the page says of runs that stop, begin anew or have a clock of their own.</summary>
public sealed class PageFollowingTests(Browsing browsing) : PageTest
{
    [Fact]
    public async Task DelayFault_WithoutDevices_IsShownOnTheVirtualClock()
    {
        var folder = Workspace.At("ran");
        var answer = await Workspace.RunAsync(
            "run", Workspace.RunFile, "--out", folder, "--set", "baselines=[]", "--set",
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

    [Fact]
    public async Task AnotherRunInTheFolder_OnAnOpenPage_LeavesNothingOfTheOneBefore()
    {
        var results = new ResultsWriter(Workspace, "rounds=20");
        results.WriteRounds(1, 4, 2);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/rounds");
        await tab.UntilAsync("document.querySelector('#round')?.max === '4'");
        var runFile = Path.Combine(results.Folder, "run.yaml");
        var text = await File.ReadAllTextAsync(runFile, TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(results.Folder, "metrics.jsonl"));
        results.WriteRounds(1, 9, 1);
        await File.WriteAllTextAsync(
            runFile + ".new", text.Replace("name: tiny", "name: other", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        File.Move(runFile + ".new", runFile, overwrite: true);
        await tab.UntilAsync("document.querySelector('h1').textContent === 'other'");
        Assert.StartsWith("other", await tab.AskAsync<string>("document.title"), StringComparison.Ordinal);
        await AssertAllRoundsAreOfAsync(tab, users: 1);
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task RoundsToldAnew_OnAnOpenPage_AreAskedForAgain()
    {
        var results = new ResultsWriter(Workspace, "rounds=20");
        results.WriteRounds(1, 6, 2);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/rounds");
        await tab.UntilAsync("document.querySelector('#round')?.max === '6'");
        File.WriteAllLines(
            Path.Combine(results.Folder, "metrics.jsonl"), Enumerable.Range(1, 14).Select(n => results.Line(n, 1)));
        await tab.UntilAsync("document.querySelector('#round')?.max === '14'");
        await AssertAllRoundsAreOfAsync(tab, users: 1);
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task LiveRun_ThatEnds_LeavesItsLastStateOnThePage()
    {
        Browsing.RequirePage();
        await using var run = await LiveRun.StartAsync(
            Workspace, "rounds=40", "baselines=[]", "targets=[own]", "adapters=false");
        await using var tab = await browsing.OpenAsync(run.Address);
        await tab.UntilAsync("document.querySelector('.status')?.textContent.startsWith('Finished: ./comigs')");
        Assert.Contains("peak memory", await tab.AskAsync<string>("document.querySelector('.tiles').textContent"),
            StringComparison.Ordinal);
        Assert.Equal(40, await tab.AskAsync<int>("document.querySelector('progress').value"));
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public void Overview_WithoutNewsForLongerThanRoundsTake_EndsItsClock()
    {
        var results = new ResultsWriter(Workspace, "rounds=20");
        results.WriteRounds(1, 10, 2);   // of 2 s
        var run = RunFolder.Open(results.Folder);
        var running = OverviewView.Of(run, new At(run.LastNewsAt.AddSeconds(100)));
        Assert.Equal("running", running.State);
        Assert.True(running.SecondsLeft > 0);
        Assert.InRange(running.ElapsedSeconds, 100, 110);

        var quiet = OverviewView.Of(run, new At(run.LastNewsAt.AddSeconds(500)));
        Assert.Equal("quiet", quiet.State);
        Assert.Null(quiet.SecondsLeft);
        Assert.InRange(quiet.ElapsedSeconds, 0, 10);
        Assert.Equal(500, quiet.QuietSeconds!.Value, 1.0);
    }

    [Fact]
    public void Overview_OfAFolderJustGivenToAnotherRun_IsOfTheRunThatWasRead()
    {
        var results = new ResultsWriter(Workspace);
        var run = RunFolder.Open(results.Folder);
        var before = OverviewView.Of(run, TimeProvider.System).Identity;
        File.SetLastWriteTimeUtc(Path.Combine(results.Folder, "run.yaml"), run.StartedAt.AddSeconds(1));
        Assert.True(run.IsReplaced);
        Assert.Equal(before, OverviewView.Of(run, TimeProvider.System).Identity);
        Assert.NotEqual(before, OverviewView.Of(RunFolder.Open(results.Folder), TimeProvider.System).Identity);
    }

    [Fact]
    public void Misses_OfWhoeverIsMissing_AreARowEach()
    {
        var results = new ResultsWriter(Workspace);
        var line = MetricsLine.Read(results.Line(1, 1))! with
        {
            Missing = ["harmless", "slow"],
            Simulated = new(0, 0, 60, [new("slow", 80)], null),
            Faults = [new("harmless", "duplicateUpload", null, null)],
        };
        var misses = MissView.Of(RoundFigures.Of(line, _ => 0));
        Assert.Equal(["harmless missing", "slow late"], misses.Select(miss => $"{miss.User} {miss.State}"));
        Assert.Equal(80, misses[1].Seconds);
    }

    /// <summary>Column 4 of the rounds' table is who took part; nobody in the third rounds, where one is asked.
    /// </summary>
    private static async Task AssertAllRoundsAreOfAsync(Tab tab, int users)
    {
        await tab.AskAsync<object?>(
            "document.querySelectorAll('#page details').forEach(one => { one.open = true })");
        await tab.UntilAsync($$"""
            (() => {
              const rows = [...document.querySelectorAll('#page .card:nth-child(2) details tbody tr')]
              return rows.length > 6 && rows.every(row => Number(row.cells[4].textContent) <= {{users}})
            })()
            """);
    }

    private sealed class At(DateTime now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
