using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>A small run in a folder of its own. User u0's shard is all token 0, u1's all token 1, and so on, so that
/// what a trainer is given says whose it is.</summary>
internal sealed class TestRun : IDisposable
{
    private const int ShardTokens = 64;

    public TestRun(int users = 4)
    {
        Folder = Directory.CreateTempSubdirectory("comigs-test-").FullName;
        Spec = new()
        {
            Experiment = "run",
            Method = "comigs-1g1s",
            Seed = 7,
            Rounds = 3,
            Base = Folder,
            Training = new() { LocalSteps = 2, MicroBatch = 2, SequenceLength = 4 },
            Experts = new() { MlpRank = 2, AttentionRank = 2 },
            Router = new(),
            Evaluation = new() { Every = 2, Tokens = 8 },
            Round = new(),
            Users = [.. Enumerable.Range(0, users).Select(User)],
            Output = Path.Combine(Folder, "out"),
        };
    }

    public string Folder { get; }

    public RunSpec Spec { get; set; }

    public string StateFolder => Path.Combine(Folder, "state");

    /// <summary>Users count in steps of 1, 2, 3, … over tokens below <paramref name="vocabularySize"/>: texts with a
    /// pattern, on which a real trainer learns something.</summary>
    public void WriteCounting(int vocabularySize)
    {
        foreach (var (index, user) in Spec.Users.Index())
        {
            TokenStream.Write(
                user.Train[0].Shard, [.. Enumerable.Range(0, 400).Select(i => i * (index + 1) % vocabularySize)]);
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private UserSpec User(int index)
    {
        var shard = Path.Combine(Folder, $"u{index}.bin");
        TokenStream.Write(shard, [.. Enumerable.Repeat(index, ShardTokens)]);
        return new()
        {
            Id = $"u{index}",
            Experts = 2,
            MlpRank = 2,
            AttentionRank = 2,
            LocalSteps = 2,
            MicroBatch = 2,
            Accumulation = 1,
            Train = [new(shard, 1)],
            Valid = [shard],
            Targets = [new() { Name = "own", Shards = [shard] }],
        };
    }
}
