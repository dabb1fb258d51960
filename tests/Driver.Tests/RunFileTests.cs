using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Tests;

public sealed class RunFileTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Read_RelativePaths_AreRelativeToTheFile()
    {
        var file = RunFileReader.Read(workspace.RunFile, []);
        Assert.Equal(workspace.At("base"), file.Base);
        Assert.Equal(workspace.At("data"), file.Data.Folder);
    }

    [Fact]
    public void Read_SettingsTwice_LastWins()
    {
        var file = RunFileReader.Read(workspace.RunFile, ["rounds=5", "training.learningRate=1e-3", "rounds=7"]);
        Assert.Equal(7, file.Rounds);
        Assert.Equal(1e-3, file.Training.LearningRate);
        Assert.Equal(2, file.Training.LocalSteps);
    }

    [Fact]
    public void Read_MethodSection_LiesOverTheFilesOwn()
    {
        var file = RunFileReader.Read(
            workspace.RunFile, ["methods.fedavg.training.learningRate=0.5", "training.weightDecay=0.25"]);
        Assert.Equal(0.5, file.SettingsOf("fedavg").Training.LearningRate);
        Assert.Equal(0.25, file.SettingsOf("fedavg").Training.WeightDecay);
        Assert.Equal(2e-3, file.SettingsOf("local").Training.LearningRate);
    }

    [Fact]
    public void Read_UserObjects_KeepTheirOwnSizes()
    {
        var file = RunFileReader.Read(
            workspace.RunFile, ["method=comigs-1gks", "users=[{ id: a, experts: 4 }, b]"]);
        var arm = Arms.Of(file, "/out")[0];
        Assert.Equal([4, 2], arm.Spec.Users.Select(user => user.Experts));
    }

    [Fact]
    public void Read_NorwegianUser_IsAName()
    {
        var file = RunFileReader.Read(workspace.RunFile, ["users=[no, y]"]);
        Assert.Equal(["no", "y"], file.Users.Select(user => user.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("methods: { fedavg: { training: { learningRate: 0.004 } }, local: { router: { every: 3 } } }")]
    [InlineData("seed: 18446744073709551615")]
    [InlineData("round: { cohortFraction: 0.5, sampling: availability, simulatedDeadlineSeconds: 7.5 }")]
    [InlineData("devices: { file: some/table.csv }")]
    [InlineData("devices: { classes: { no: { flops: 2e10, downBytesPerSecond: 1e6, upBytesPerSecond: 5e5, "
        + "availability: 7-9 19-23 }, b: { flops: 1e9, downBytesPerSecond: 1, upBytesPerSecond: 2, spread: 0.5 } } }")]
    public void Write_ThenRead_GivesTheSameRun(string line)
    {
        workspace.WriteRunFile(line);
        var resolved = YamlWriter.Write(RunFileReader.Read(workspace.RunFile, ["users=[{ id: a, experts: 2 }, b]"]));
        File.WriteAllText(workspace.At("again.yaml"), resolved);
        Assert.Equal(resolved, YamlWriter.Write(RunFileReader.Read(workspace.At("again.yaml"), [])));
    }

    [Fact]
    public void Arms_MethodThatTrainsOnValid_RunsOncePerTarget()
    {
        var arms = Arms.Of(RunFileReader.Read(workspace.RunFile, []), "/out");
        Assert.Equal(["comigs-1g1s@own", "comigs-1g1s@mixture", "fedavg"], arms.Select(arm => arm.Label));
        Assert.Equal(
            ["/out", "/out/arms/comigs-1g1s@mixture", "/out/arms/fedavg"], arms.Select(arm => arm.Spec.Output));
        Assert.Equal(arms.Length, arms.Select(arm => arm.Spec.Experiment).Distinct().Count());
        Assert.DoesNotContain(arms, arm => arm.Spec.Experiment.AsSpan().ContainsAny('/', '@'));
    }

    [Fact]
    public void Arms_ValidAndTest_ComeFromTheTarget()
    {
        var arms = Arms.Of(RunFileReader.Read(workspace.RunFile, []), "/out");
        var (own, mixture, fedavg) = (arms[0].Spec.Users[0], arms[1].Spec.Users[0], arms[2].Spec.Users[0]);
        Assert.Equal("a", own.Id);
        Assert.Equal([workspace.At("data/a/valid.bin")], own.Valid);
        Assert.Equal([workspace.At("data/a/valid.bin"), workspace.At("data/b/valid.bin")], mixture.Valid);
        Assert.Equal([workspace.At("data/a/test.bin"), workspace.At("data/b/test.bin")], mixture.Targets[0].Shards);
        Assert.Empty(fedavg.Valid);
        Assert.Equal(["own", "mixture"], fedavg.Targets.Select(target => target.Name));
    }

    [Fact]
    public void Arms_Holdout_IsMeasuredOnTrainShards()
    {
        var arms =
            Arms.Of(RunFileReader.Read(workspace.RunFile, ["data.holdout=0.1", "data.evaluate=holdout"]), "/out");
        var target = arms[0].Spec.Users[0].Targets[0];
        Assert.True(target.IsHoldout);
        Assert.Equal([workspace.At("data/a/train.bin")], target.Shards);
    }

    [Fact]
    public void Arms_BaselineWithOtherExperts_BringsItsOwnNumber()
    {
        var arms = Arms.Of(
            RunFileReader.Read(
                workspace.RunFile,
                ["method=comigs-1gks", "baselines=[pfedmoe]", "experts.count=3", "targets=[own]"]),
            "/out");
        Assert.Equal([3, 2], arms.Select(arm => arm.Spec.Users[0].Experts));
    }

    [Fact]
    public async Task Plan_Json_CountsWhatIsSharedAndSent()
    {
        var answer = await Workspace.RunAsync("plan", workspace.RunFile, "--format", "json");
        Assert.Equal(0, answer.ExitCode);
        var plan = System.Text.Json.JsonDocument.Parse(answer.Output).RootElement;
        var arm = plan.GetProperty("arms")[0];
        var user = arm.GetProperty("users")[0];

        // d = 8, 2 layers, rank 2: attention (8+24)·2 + (8+8)·2, one expert (8+32)·2·2, router 2·8;
        // all times 2 layers.
        Assert.Equal(2 * (96 + 160), user.GetProperty("sharedParameters").GetInt64());
        Assert.Equal(2 * (96 + (2 * 160) + 16), user.GetProperty("parameters").GetInt64());
        Assert.Equal(4 * 512, user.GetProperty("bytesSentPerRound").GetInt64());
        Assert.Equal(2 * 4 * 512, arm.GetProperty("bytesSentPerRound").GetInt64());
        Assert.Equal(2 * 2 * 8, arm.GetProperty("tokensPerRound").GetInt64());
    }

    [Theory]
    [InlineData("rounds", "rounds", 0)]
    [InlineData("round", "rounds", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_OfTwoWords_CountsEdits(string a, string b, int distance)
    {
        Assert.Equal(distance, Nearest.Distance(a, b));
        Assert.Equal(distance, Nearest.Distance(b, a));
    }
}
