using System.Collections.Immutable;
using System.Text.Json;
using CoMiGS.Driver.Commands;
using CoMiGS.Driver.Display;
using CoMiGS.Driver.Running;
using CoMiGS.Learning;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Tests;

public sealed class ResultsTests : IDisposable
{
    private static readonly RunOrigin First = new("seed: 1\n", "");
    private static readonly RunOrigin Second = new("seed: 2\n", "");

    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Summary_SeveralArms_IsAboutTheMainOneAndListsAll()
    {
        var outcomes = Outcomes.Of(RunFileReader.Read(workspace.RunFile, ["seed=7"]), (arm, user, target) =>
            arm == "comigs-1g1s@own" && user == "a" ? 1 : 2);
        var json = JsonDocument.Parse(Json.Write(Summaries.Of("tiny", outcomes, 12.5, null))).RootElement;

        Assert.Equal("comigs-1g1s", json.GetProperty("method").GetString());
        Assert.Equal(7u, json.GetProperty("seed").GetUInt64());
        Assert.Equal(2, json.GetProperty("rounds").GetInt32());
        Assert.Equal((Math.E + (Math.E * Math.E)) / 2, json.GetProperty("meanPerplexity").GetDouble(), 1e-9);
        Assert.Equal(1500, json.GetProperty("tokensPerSecond").GetDouble());
        Assert.Equal(12.5, json.GetProperty("elapsedSeconds").GetDouble());
        Assert.True(json.GetProperty("peakMemoryBytes").GetInt64() > 1_000_000);
        var user = json.GetProperty("users")[0];
        Assert.Equal("a", user.GetProperty("id").GetString());
        Assert.Equal(Math.E, user.GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.Equal(Math.Exp(9), user.GetProperty("basePerplexity").GetDouble(), 1e-6);
        Assert.Equal(200, user.GetProperty("trainTokens").GetInt64());
        Assert.Equal(
            [0.25, 0.75], user.GetProperty("generalistShare").EnumerateArray().Select(share => share.GetDouble()));
        Assert.Equal(
            ["comigs-1g1s@own own", "comigs-1g1s@mixture mixture", "fedavg own", "fedavg mixture"],
            json.GetProperty("arms").EnumerateArray()
                .Select(arm => $"{arm.GetProperty("arm").GetString()} {arm.GetProperty("target").GetString()}"));
    }

    [Fact]
    public void Summary_DivergedRun_IsStillJson()
    {
        var outcomes = Outcomes.Of(RunFileReader.Read(workspace.RunFile, []), (_, _, _) => double.NaN);
        var json = JsonDocument.Parse(Json.Write(Summaries.Of("tiny", outcomes, 1, null))).RootElement;
        Assert.Equal(JsonValueKind.Null, json.GetProperty("meanPerplexity").ValueKind);
        Assert.Contains("<td>-</td>", ReportOf(outcomes), StringComparison.Ordinal);
    }

    [Fact]
    public void Verdict_BaselineWinsAtHome_SaysSo()
    {
        var outcomes = Outcomes.Of(RunFileReader.Read(workspace.RunFile, []), (arm, _, target) => (arm, target) switch
        {
            ("fedavg", "own") => 2,
            ("fedavg", _) => 3,
            _ => 2.5,
        });
        Assert.Equal(
            "At home (own) fedavg wins with a mean perplexity of 7.4; comigs-1g1s has 12.2. "
            + "Away (mixture) comigs-1g1s wins with a mean perplexity of 12.2, before fedavg with 20.1.",
            Verdict.Of(Summaries.Of("tiny", outcomes, 1, null)));
    }

    [Fact]
    public void Verdict_RunThatDiverged_WinsNothing()
    {
        var outcomes = Outcomes.Of(
            RunFileReader.Read(workspace.RunFile, ["targets=[own]"]),
            (arm, _, _) => arm == "fedavg" ? double.NaN : 2);

        Assert.StartsWith(
            "At home (own) comigs-1g1s wins", Verdict.Of(Summaries.Of("tiny", outcomes, 1, null)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Report_TextOfUsers_IsEscaped()
    {
        var outcomes = Outcomes.Of(RunFileReader.Read(workspace.RunFile, []), (_, _, _) => 2);
        var html = ReportOf(outcomes);
        Assert.Contains(
            "<span class=\"e0\">&lt;b&gt;</span><span class=\"e1\"> two three</span>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b> two", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_MadeAgain_IsTheSame()
    {
        var html = ReportOf(Outcomes.Of(RunFileReader.Read(workspace.RunFile, []), (_, _, _) => 2));
        var folder = workspace.At("results/tiny");
        File.Delete(Path.Combine(folder, "report.html"));
        Directory.Delete(Path.Combine(folder, "figures"), recursive: true);

        var answer = await Workspace.RunAsync("report", folder, "--format", "json");

        Assert.Equal(0, answer.ExitCode);
        Assert.Equal(
            Path.Combine(folder, "report.html"),
            JsonDocument.Parse(answer.Output).RootElement.GetProperty("report").GetString());
        Assert.Equal(html, File.ReadAllText(Path.Combine(folder, "report.html")));
        Assert.StartsWith("arm,method,target,user,experts,train_tokens,perplexity,base_perplexity\n"
            + "comigs-1g1s@own,comigs-1g1s,own,a,2,200,7.38905", File.ReadAllText(
            Path.Combine(folder, "figures/results.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_RunThatGoesOn_IsRefused()
    {
        var file = RunFileReader.Read(workspace.RunFile, []);
        var folder = ResultsFolder.Prepare(workspace.At("results/tiny"), "tiny", RunOrigin.Of(file, []));
        (await Workspace.RunAsync("report", folder)).AssertBadInput("has not finished", "summary.json");
        (await Workspace.RunAsync("report", workspace.At("data"))).AssertBadInput("run.yaml");
    }

    [Fact]
    public void Tables_NoTerminal_MarkSpecialistsWithBrackets()
    {
        var outcomes = Outcomes.Of(RunFileReader.Read(workspace.RunFile, []), (_, _, _) => 2);
        using var output = new StringWriter();
        ResultTables.Show(
            Terminal.Of(output, TextWriter.Null), Summaries.Of("tiny", outcomes, 1, null), outcomes);
        Assert.Contains("a, block 1: <b>[1: two three]", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("a, block 2: [1:<b> two] three", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    [Fact]
    public void Prepare_AnotherRunsResults_AreLeftAlone()
    {
        var root = workspace.At("results");
        var first = ResultsFolder.Prepare(null, "tiny", First, root);
        File.WriteAllText(Path.Combine(first, "summary.json"), "{}");

        var other = ResultsFolder.Prepare(null, "tiny", Second, root);
        Assert.Equal(Path.Combine(root, "tiny-2"), other);
        Assert.True(File.Exists(Path.Combine(first, "summary.json")));

        Assert.Equal(first, ResultsFolder.Prepare(null, "tiny", First, root));
        Assert.False(File.Exists(Path.Combine(first, "summary.json")));
        Assert.Equal(other, ResultsFolder.Prepare(null, "tiny", Second, root));
    }

    /// <summary>report.html of a run that left these.</summary>
    private string ReportOf(ImmutableArray<ArmOutcome> outcomes)
    {
        var file = RunFileReader.Read(workspace.RunFile, []);
        var folder = ResultsFolder.Prepare(workspace.At("results/tiny"), "tiny", RunOrigin.Of(file, []));
        foreach (var arm in Arms.Of(file, folder))
        {
            File.WriteAllLines(
                Path.Combine(Directory.CreateDirectory(arm.Spec.Output).FullName, MetricsFile.Name),
                Enumerable.Range(1, arm.Spec.Rounds).Select(round => Json.WriteLine(new MetricsLine(
                    round, 3, 1, 0, 0, 0, 0, null, new Dictionary<string, int>(), [], [], null, null, null, null))));
        }

        Conclusion.Write("tiny", folder, outcomes, TimeSpan.FromSeconds(1), null);
        return File.ReadAllText(Path.Combine(folder, "report.html"));
    }

    [Fact]
    public void Prepare_WantedFolderWithOtherFiles_IsRefused()
    {
        Assert.Throws<BadInputException>(() => ResultsFolder.Prepare(workspace.Folder, "tiny", First));
        Assert.Throws<BadInputException>(() => ResultsFolder.Prepare(workspace.RunFile, "tiny", First));
        Assert.True(File.Exists(workspace.RunFile));
    }
}
