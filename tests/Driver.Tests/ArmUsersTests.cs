using System.Collections.Immutable;
using System.Text.Json;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Driver.Tests;

/// <summary>What a method makes of the users of a run file.</summary>
public sealed class ArmUsersTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    public static TheoryData<string> Methods => [.. MethodCatalog.All.Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Run_AnyMethodAsTheMainOne_EndsWell(string method)
    {
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--set", $"method={method}", "--set",
            "baselines=[]", "--set", "targets=[own]", "--format", "json");

        Assert.Equal((0, ""), (answer.ExitCode, answer.ExitCode == 0 ? "" : answer.Error));
        using var summary = JsonDocument.Parse(answer.Output);
        Assert.Equal(method, summary.RootElement.GetProperty("method").GetString());
        Assert.InRange(summary.RootElement.GetProperty("meanPerplexity").GetDouble(), 1, 1e4);
    }

    [Fact]
    public void Of_EverySettingOfAUser_ReachesTheSpec()
    {
        var users = UsersOf(
            "comigs-1gks",
            "users=[{ id: a, experts: 3, mlpRank: 2, attentionRank: 2, localSteps: 5, microBatch: 3, share: 0.5 }, "
                + "{ id: b, mlpRank: 2, attentionRank: 2 }]",
            "training.localSteps=4");

        var (a, b) = (users[0], users[1]);
        Assert.Equal((3, 2, 2, 5, 3), (a.Experts, a.MlpRank, a.AttentionRank, a.LocalSteps, a.MicroBatch));
        Assert.Equal(0.5, a.Train.Single().Share);
        Assert.Equal((2, 4, 1.0), (b.Experts, b.LocalSteps, b.Train.Single().Share));
    }

    [Fact]
    public void Of_Merged_GivesOneAdapterOfAllTheRankAUserCanAfford()
    {
        var users = UsersOf("flexlora", "users=[{ id: a, experts: 4 }, b]", "experts.mlpRank=3");

        Assert.Equal([(1, 12), (1, 6)], users.Select(user => (user.Experts, user.MlpRank)));
    }

    [Fact]
    public void Of_Pooled_OneUserTrainsOnAllTextWithAllBatches()
    {
        var users = UsersOf("centralized", "training.accumulation=3", "users=[{ id: a, share: 0.5 }, b]");

        Assert.Equal([true, false], users.Select(user => user.Trains));
        Assert.Equal(6, users[0].Accumulation);
        Assert.Equal(
            [new(workspace.At("data/a/train.bin"), 0.5), new TrainText(workspace.At("data/b/train.bin"), 1)],
            users[0].Train);
    }

    [Theory]
    [InlineData("fedavg", "aggregation.weights=tokens", 0.5)]
    [InlineData("fedavg", "aggregation.weights=uniform", 1)]
    [InlineData("flexlora", "aggregation.weights=uniform", 0.5)]
    public void Of_WeighedByTokens_RelatesToTheUserWithMost(string method, string weights, double expected)
    {
        var users = UsersOf(method, weights, "users=[{ id: a, share: 0.5 }, b]");

        // The shards of a and b are as long as each other.
        Assert.Equal(expected, users[0].Weight, tolerance: 0.01);
        Assert.Equal(1, users[1].Weight);
    }

    [Theory]
    [InlineData("users=[{ id: a, share: 0 }, b]", "share", "0")]
    [InlineData("users=[{ id: a, share: 1.5 }, b]", "share", "1.5")]
    [InlineData("users=[{ id: a, share: 0.0001 }, b]", "a/train.bin", "in its share of 0.0001")]
    [InlineData("users=[{ id: a, localSteps: 0 }, b]", "localSteps", "0")]
    [InlineData("users=[{ id: a, microBatch: 5000 }, b]", "microBatch", "4096")]
    [InlineData("aggregation.weights=token", "token", "tokens")]
    [InlineData("aggregation.validTokens=0", "aggregation.validTokens", "0")]
    [InlineData("aggregation.pruningFactor=2", "aggregation.pruningFactor", "1")]
    public async Task Plan_WrongSetting_SaysWhat(string setting, params string[] words) =>
        (await Workspace.RunAsync("plan", workspace.RunFile, "--set", setting)).AssertBadInput(words);

    [Theory]
    [InlineData("ffa-lora", "aggregation.averages=products", "one factor")]
    [InlineData("fdlora", "aggregation.averages=products", "a rule of its own")]
    [InlineData("pcl", "aggregation.averages=products", "a rule of its own")]
    [InlineData("hetlora", "aggregation.weights=tokens", "a way of its own")]
    [InlineData("centralized", "users=[{ id: a, localSteps: 3 }, b]", "'localSteps'")]
    [InlineData("fedavg", "users=[{ id: a, experts: 3 }, b]", "take method 'comigs-1gks'")]
    [InlineData("ffa-lora", "users=[{ id: a, experts: 3 }, b]", "ranks can differ with method 'hetlora' or 'flexlora'")]
    [InlineData("fdlora", "users=[{ id: a, mlpRank: 3 }, b]", "ranks can differ with method 'hetlora' or 'flexlora'")]
    [InlineData("fedavg", "users=[{ id: a, mlpRank: 3 }, b]", "differ with 'aggregation: { averages: products }'")]
    public async Task Plan_SettingThatTheMethodCannotHave_SaysWhy(string method, string setting, string why) =>
        (await Workspace.RunAsync(
            "plan", workspace.RunFile, "--set", $"method={method}", "--set", "baselines=[]", "--set", setting))
            .AssertBadInput(method, why);

    private ImmutableArray<UserSpec> UsersOf(string method, params string[] settings) =>
        Arms.Of(
            RunFileReader.Read(
                workspace.RunFile, [$"method={method}", "baselines=[]", "targets=[own]", .. settings]),
            "/out")[0].Spec.Users;
}
