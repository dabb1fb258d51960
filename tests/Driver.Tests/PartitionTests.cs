using System.Text.Json;

namespace CoMiGS.Driver.Tests;

/// <summary>data partition, from the command line to shards that a run can read.</summary>
public sealed class PartitionTests : IDisposable
{
    private readonly Workspace workspace = new();

    public PartitionTests() => File.WriteAllLines(
        workspace.At("corpus.jsonl"),
        Enumerable.Range(0, 120).Select(i => JsonSerializer.Serialize(
            new { text = $"text {i} with words", label = "xyz"[i % 3].ToString(), user = $"u{i % 4}" })));

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("label", "x,y,z")]
    [InlineData("user", "u0,u1,u2,u3")]
    [InlineData("dirichlet --users 2 --alpha 50", "user-1,user-2")]
    [InlineData("size --users 3 --law lognormal --spread 0.2", "user-1,user-2,user-3")]
    public async Task Partition_AnyRule_WritesWhatARunReads(string rule, string users)
    {
        var answer = await PartitionAsync(["--by", .. rule.Split(' '), "--format", "json"]);
        Assert.Equal(0, answer.ExitCode);
        using var json = JsonDocument.Parse(answer.Output);
        Assert.Equal(120, json.RootElement.GetProperty("users").EnumerateArray()
            .Sum(user => user.GetProperty("documents").GetInt32()));
        var first = json.RootElement.GetProperty("users")[0];
        Assert.True(first.GetProperty("tokens").GetProperty("train").GetInt32() > 100);
        Assert.Equal(1, first.GetProperty("labelShares").EnumerateObject().Sum(label => label.Value.GetDouble()), 1e-9);
        Assert.Equal(rule.Split(' ')[0], json.RootElement.GetProperty("by").GetString());

        var plan = await Workspace.RunAsync(
            "plan", workspace.RunFile, "--set", "data.folder=out", "--set", $"users=[{users}]");
        Assert.Equal(0, plan.ExitCode);
    }

    [Fact]
    public async Task Partition_Text_ShowsATable()
    {
        var answer = await PartitionAsync("--by", "label");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("x 100%", answer.Output);
        Assert.EndsWith("out: 3 users, 120 documents.", answer.Output.TrimEnd());
    }

    [Theory]
    [InlineData("--by labl", "--by is 'labl'", "did you mean 'label'?")]
    [InlineData("--by label --alpha 1", "--alpha has no meaning with --by label", "dirichlet")]
    [InlineData("--by user --users 3", "--users has no meaning with --by user", "dirichlet or size")]
    [InlineData("--by dirichlet --alpha 0", "--alpha is '0'", "from 1E-06")]
    [InlineData("--by dirichlet --alpha x", "--alpha is 'x'", "a number")]
    [InlineData("--by dirichlet --users 0", "--users is '0'", "from 1")]
    [InlineData("--by size --law zipf", "--law is 'zipf'", "power or lognormal")]
    [InlineData("--by size --spread -1", "--spread is '-1'", "from 0 to 20")]
    [InlineData("--by label --split 80:20", "--split is '80:20'", "80:10:10")]
    [InlineData("--by label --small-users keep", "--small-users is 'keep'", "refuse or drop")]
    [InlineData("--by label --min-tokens 9999", "User 'x'", "needs at least 9999")]
    [InlineData("--by label --seed -1", "-1")]
    [InlineData("--by label --text-field body", "corpus.jsonl:1", "'body' is missing")]
    [InlineData("--by user --user-field author", "corpus.jsonl:1", "has no user")]
    [InlineData("", "--by", "required")]
    public async Task Partition_WrongOption_SaysWhat(string options, params string[] words)
    {
        (await PartitionAsync(options.Split(' ', StringSplitOptions.RemoveEmptyEntries))).AssertBadInput(words);
        Assert.False(Directory.Exists(workspace.At("out")));
    }

    [Fact]
    public async Task Partition_FolderThatHasSomething_IsLeftAlone()
    {
        Assert.Equal(0, (await PartitionAsync("--by", "label")).ExitCode);
        (await PartitionAsync("--by", "user")).AssertBadInput("--out is", "new or empty");
        Assert.True(Directory.Exists(workspace.At("out/x")));
    }

    private Task<Answer> PartitionAsync(params string[] options) => Workspace.RunAsync(
    [
        "data", "partition", workspace.At("corpus.jsonl"), "--tokenizer", workspace.At("base/tokenizer.json"),
        "--out", workspace.At("out"), .. options,
        .. options.Contains("--min-tokens") ? Array.Empty<string>() : ["--min-tokens", "20"],
    ]);
}
