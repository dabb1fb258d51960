using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Views;
using CoMiGS.Driver.Tests;
using CoMiGS.Grains.Tests.Support;
using CoMiGS.Results;

namespace CoMiGS.Dashboard.Tests;

/// <summary>A results folder as it grows, and what is made of it.</summary>
public sealed class FollowingTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Refresh_LineHalfWritten_WaitsForItsEnd()
    {
        var results = new ResultsWriter(workspace);
        var run = RunFolder.Open(results.Folder);
        var line = results.Line(1, 2);
        var path = Path.Combine(results.Folder, MetricsFile.Name);

        File.AppendAllText(path, line[..100]);
        Assert.False(run.Refresh());
        File.AppendAllText(path, line[100..] + "\n");
        Assert.True(run.Refresh());
        Assert.Equal([1], run.Arms[0].Rounds.Select(round => round.Round));
        Assert.False(run.Refresh());
        Assert.Equal(0, run.Arms[0].DamagedLines);
    }

    /// <summary>Whatever parts a file is read in, its lines are its lines.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(1000)]
    public void AppendedLines_InParts_AreTheFilesLines(int part)
    {
        var path = workspace.At("lines");
        File.WriteAllText(path, "first\n\nünder\na longer line than the others\nhalf");
        var lines = new AppendedLines(path, part);

        Assert.Equal(["first", "ünder", "a longer line than the others"], lines.Read());
        File.AppendAllText(path, " a line\n");
        Assert.False(lines.StartsOver());
        Assert.Equal(["half a line"], lines.Read());
        Assert.Empty(lines.Read());

        File.WriteAllText(path, "new\n");
        Assert.True(lines.StartsOver());
        Assert.Equal(["new"], lines.Read());
    }

    [Fact]
    public void Watch_AnotherRunInTheSameFolder_IsShownInstead()
    {
        var results = new ResultsWriter(workspace);
        results.WriteRounds(1, 3, 2);
        var time = new ManualTime();
        var watch = new RunWatch(RunFolder.Open(results.Folder), time);
        var version = watch.Version;

        File.Delete(Path.Combine(results.Folder, MetricsFile.Name));
        results.WriteRounds(1, 5, 2);   // longer than what was known
        File.SetLastWriteTimeUtc(
            Path.Combine(results.Folder, ResultsFolder.RunFileName), DateTime.UnixEpoch.AddYears(60));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(watch.Version > version);
        Assert.Equal([1, 2, 3, 4, 5], watch.Read(run => run.Arms[0].Rounds.Select(round => round.Round).ToArray()));
    }

    [Fact]
    public void Users_WhoDiverged_HaveNoFigureInsteadOfAnError()
    {
        var results = new ResultsWriter(workspace);
        results.WriteRounds(1, 1, 2);
        var run = RunFolder.Open(results.Folder);
        run.Arms[0].TotalsOf(1).Measure(double.NaN);
        run.Arms[0].TotalsOf(1).Measure(1e300);

        var view = UsersView.Of(run.Arms[0], "", "id", isDescending: false, 0, 10);

        Assert.All(view.Rows.SelectMany(row => row.Perplexities), figure => Assert.True(float.IsFinite(figure)));
        Assert.NotEqual("", Json.WriteLine(view));
    }

    [Fact]
    public void Refresh_RoundToldAgain_CountsOnce()
    {
        var results = new ResultsWriter(workspace);
        results.WriteRounds(1, 3, 2);
        var run = RunFolder.Open(results.Folder);
        Assert.Equal(3, run.Arms[0].TotalsOf(0).Rounds);

        results.WriteRounds(3, 4, 2);
        run.Refresh();

        Assert.Equal([1, 2, 3, 4], run.Arms[0].Rounds.Select(round => round.Round));
        Assert.Equal(4, run.Arms[0].TotalsOf(0).Rounds);
        Assert.Equal(1, run.Arms[0].TotalsOf(1).Missed);
    }

    [Fact]
    public void Refresh_FileBegunAnew_ForgetsWhatWasInIt()
    {
        var results = new ResultsWriter(workspace);
        results.WriteRounds(1, 3, 2);
        var run = RunFolder.Open(results.Folder);

        File.Delete(Path.Combine(results.Folder, MetricsFile.Name));
        Assert.True(run.Refresh());
        Assert.Empty(run.Arms[0].Rounds);
        results.WriteRounds(1, 1, 2);
        run.Refresh();
        Assert.Equal([1], run.Arms[0].Rounds.Select(round => round.Round));
    }

    [Fact]
    public void Refresh_DamagedLine_IsCountedAndTheRestShown()
    {
        var results = new ResultsWriter(workspace);
        File.AppendAllText(Path.Combine(results.Folder, MetricsFile.Name), "{\"round\": }\n");
        results.WriteRounds(1, 2, 2);
        var run = RunFolder.Open(results.Folder);
        Assert.Equal(1, run.Arms[0].DamagedLines);
        Assert.Equal(2, run.Arms[0].Rounds.Count);
    }

    [Fact]
    public void Overview_SomeRounds_TellsTheTimeLeft()
    {
        var results = new ResultsWriter(workspace, "rounds=10", "baselines=[]", "targets=[own]");
        results.WriteRounds(1, 4, 2);
        var view = OverviewView.Of(RunFolder.Open(results.Folder), TimeProvider.System);
        Assert.Equal("running", view.State);
        Assert.Equal(6 * (1.5 + 0.5), view.SecondsLeft!.Value, 1e-9);   // rounds left, each training and measuring
    }

    [Fact]
    public void Rounds_ManyUsers_AreBandsOfBoundedSize()
    {
        var results = new ResultsWriter(workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 5, 256);
        var view = RoundsView.Of(RunFolder.Open(results.Folder).Arms[0], fromRound: 3);
        Assert.Empty(view.Users);
        Assert.Equal([3, 4, 5], view.Rounds.Select(round => round.Round));
        var spread = view.Rounds[0].Perplexity!;
        Assert.Equal(spread.Quantiles.Order(), spread.Quantiles);
        Assert.InRange(spread.Mean, 40, 50);   // 20 + 60/3, and up to 10 more
        Assert.Null(view.Rounds[0].Each);
        Assert.InRange(Json.WriteLine(view).Length, 1000, 4000);
    }

    [Fact]
    public void Waterfall_OfARound_BeginsWithTheMissingThenTheSlowest()
    {
        var results = new ResultsWriter(workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 3, 256);
        var log = RunFolder.Open(results.Folder).Arms[0];
        var view = WaterfallView.Of(log, log.Rounds[2], offset: 0, count: 50);
        Assert.Equal(256, view.Total);
        Assert.Equal(50, view.Rows.Length);
        Assert.Equal("missing", view.Rows[0].State);
        Assert.Contains("its silo died", view.Rows[0].Fault, StringComparison.Ordinal);
        var seconds = view.Rows.Skip(1).Select(row => row.Seconds!.Value).ToArray();
        Assert.Equal(seconds.OrderDescending(), seconds);
        Assert.Equal(view.Longest, seconds[0]);
        Assert.Equal(seconds[0], view.Rows[1].Phases!.Sum(), 1e-5);
    }

    [Fact]
    public void Users_Sorted_PutThoseWithoutAFigureLast()
    {
        var results = new ResultsWriter(workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 1, 16);
        var log = RunFolder.Open(results.Folder).Arms[0];
        foreach (var isDescending in new[] { true, false })
        {
            var rows = UsersView.Of(log, "", "perplexity", isDescending, offset: 0, count: 20).Rows;
            Assert.All(rows.Take(16), row => Assert.True(double.IsFinite(row.Perplexity)));
            Assert.All(rows.Skip(16), row => Assert.Equal(double.NaN, row.Perplexity));
            var measured = rows.Take(16).Select(row => row.Perplexity).ToArray();
            Assert.Equal(isDescending ? measured.OrderDescending() : measured.Order(), measured);
        }

        Assert.Equal(
            ["phone-00099", "phone-00990"],
            UsersView.Of(log, "PHONE-0099", "id", false, 0, 1).Rows.Select(row => row.Id).Prepend("phone-00099"));
        Assert.Equal(10, UsersView.Of(log, "phone-0099", "id", false, 0, 500).Total);
    }
}
