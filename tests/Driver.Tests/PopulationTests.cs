using System.Text.Json;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;

namespace CoMiGS.Driver.Tests;

/// <summary>Entries of 'users' that stand for many.</summary>
public sealed class PopulationTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Of_EntryWithACount_GivesEachUserItsOwnPartOfTheText()
    {
        var users = Specs("method=comigs-1gks", "users=[{ id: phone, count: 10, data: a, experts: 3 }, b]");

        Assert.Equal(
            ["b", .. Enumerable.Range(1, 10).Select(number => $"phone-{number:00}")], users.Select(user => user.Id));
        var phones = users.Skip(1).ToArray();
        Assert.All(phones, user => Assert.Equal((3, 0.1), (user.Experts, user.Train.Single().Share)));
        Assert.All(phones.Index(), phone => Assert.Equal(
            0.1 * phone.Index, phone.Item.Train.Single().Start, tolerance: 1e-12));
        Assert.All(phones, user => Assert.Equal(workspace.At("data/a/train.bin"), user.Train.Single().Shard));
    }

    [Fact]
    public void Of_SharesThatOverlap_AreSpreadEvenly()
    {
        var users = Specs("users=[{ id: a, count: 5, share: 0.6 }]");

        Assert.Equal([0, 0.1, 0.2, 0.3, 0.4], users.Select(user => Math.Round(user.Train.Single().Start, 12)));
    }

    [Theory]
    [InlineData("users=all", 2)]
    [InlineData("users=[{ id: '*', experts: 2, count: 2 }]", 4)]
    public void Of_Everybody_IsWhoTheDatasetHas(string setting, int expected)
    {
        Dataset.Write(workspace.At("data"), 257, new Dictionary<(string, Split), int[]>(
            from user in new[] { "u1", "u2" }
            from split in Enum.GetValues<Split>()
            select KeyValuePair.Create((user, split), Enumerable.Repeat(1, 50).ToArray())));

        var users = Specs(setting);

        Assert.Equal(expected, users.Count);
        Assert.Equal(workspace.At("data/u1/train.bin"), users[0].Train.Single().Shard);
    }

    [Fact]
    public async Task Run_EverybodyOfAFolderWithoutManifest_NamesIt() =>
        (await Workspace.RunAsync("run", workspace.RunFile, "--set", "users=all")).AssertBadInput("dataset.json");

    [Fact]
    public void Of_Mixture_HoldsEveryFolderOnce()
    {
        var users = Specs("users=[{ id: x, count: 3, data: a }, { id: y, count: 3, data: b }]", "targets=[mixture]");

        Assert.All(users, user => Assert.Equal(
            [workspace.At("data/a/test.bin"), workspace.At("data/b/test.bin")], user.Targets.Single().Shards));
    }

    [Theory]
    [InlineData("users=[{ id: a, count: 0 }]", "count", "from 1 to 1000000")]
    [InlineData("users=[{ id: a, count: 2 }, { id: a-1, data: a }]", "'a-1' stands twice")]
    [InlineData("users=[{ id: a, data: ../a }]", "../a", "letters, digits")]
    [InlineData("users=[{ id: abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12, count: 1000, data: a }]",
        "gives the id", "at most 64")]
    [InlineData("users=[{ id: a, count: 100 }]", "train.bin", "in its share of 0.01")]
    [InlineData("adapters=maybe", "'adapters' is 'maybe'", "true or false")]
    public async Task Run_WrongPopulation_IsBadInput(string setting, params string[] words) =>
        (await Workspace.RunAsync("run", workspace.RunFile, "--set", setting)).AssertBadInput(words);

    [Fact]
    public async Task Run_CohortsOfAPopulation_MeasuresWhoIsAskedForAndWritesNoAdapters()
    {
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--format", "json",
            "--set", "users=[{ id: a, count: 4 }, { id: b, count: 3 }]", "--set", "round={ cohort: 2 }",
            "--set", "evaluation.users=3", "--set", "adapters=false", "--set", "targets=[own]");

        Assert.Equal((0, ""), (answer.ExitCode, answer.ExitCode == 0 ? "" : answer.Error));
        using var summary = JsonDocument.Parse(answer.Output);
        Assert.Equal(3, summary.RootElement.GetProperty("users").GetArrayLength());
        Assert.Empty(Directory.EnumerateDirectories(workspace.At("out"), "adapters", SearchOption.AllDirectories));
    }

    private IReadOnlyList<UserSpec> Specs(params string[] settings) => Arms.Of(
        RunFileReader.Read(workspace.RunFile, ["baselines=[]", "targets=[own]", .. settings]), "/out")[0].Spec.Users;
}
