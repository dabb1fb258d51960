using CoMiGS.Grains.Tests.Support;
using CoMiGS.Grains.Users;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Tests.Users;

public sealed class DataTests
{
    private const int Vocabulary = 1000;

    [Fact]
    public void Windows_OneStream_PredictEveryTokenButTheFirstOnce()
    {
        var windows = TargetWindows.Of([Stream(0, 23)], sequenceLength: 5, tokens: 0);

        Assert.Equal(Enumerable.Range(1, 22), windows.SelectMany(window => window.Skip(1)));
        Assert.Equal([6, 6, 6, 6, 3], windows.Select(window => window.Length));
    }

    [Fact]
    public void Windows_SeveralStreams_TakeEveryKthWindowOfEachFromItsOwnPhase()
    {
        var windows = TargetWindows.Of([Stream(0, 41), Stream(100, 41)], sequenceLength: 5, tokens: 0);

        Assert.Equal([0, 10, 20, 30, 105, 115, 125, 135], windows.Select(window => window[0]));
    }

    [Fact]
    public void Windows_Limited_AreSpreadEvenly()
    {
        var windows = TargetWindows.Of([Stream(0, 101)], sequenceLength: 5, tokens: 20);

        Assert.Equal([0, 25, 50, 75], windows.Select(window => window[0]));
    }

    [Fact]
    public void Batches_SameArguments_AreTheSame_OtherRoundUserSplitOrIndex_AreNot()
    {
        var shards = new UserShards([Stream(0, 900)], [Stream(0, 900)]);
        var same = Tokens(new UserBatches(1, 2, "u", 8, shards), DataSplit.Train, 3);

        Assert.Equal(same, Tokens(new UserBatches(1, 2, "u", 8, shards), DataSplit.Train, 3));
        Assert.All(
            [
                Tokens(new UserBatches(2, 2, "u", 8, shards), DataSplit.Train, 3),
                Tokens(new UserBatches(1, 3, "u", 8, shards), DataSplit.Train, 3),
                Tokens(new UserBatches(1, 2, "v", 8, shards), DataSplit.Train, 3),
                Tokens(new UserBatches(1, 2, "u", 8, shards), DataSplit.Valid, 3),
                Tokens(new UserBatches(1, 2, "u", 8, shards), DataSplit.Train, 4),
            ],
            other => Assert.NotEqual(same, other));
    }

    [Fact]
    public void Batches_SeveralValidShards_ComeFromEachAlikeWhateverTheirLengths()
    {
        var shards = new UserShards([Stream(0, 20)], [Stream(0, 20), Stream(100, 800)]);
        var batches = new UserBatches(1, 0, "u", 8, shards);

        var fromFirst = Enumerable.Range(0, 500).SelectMany(index => Tokens(batches, DataSplit.Valid, index).Chunk(8))
            .Count(window => window[0] < 100);

        Assert.InRange(fromFirst, 900, 1100);
    }

    [Fact]
    public void Batches_SeveralTrainTexts_ComeFromEachInProportionToItsLength()
    {
        var batches = new UserBatches(1, 0, "u", 8, new([Stream(0, 100), Stream(100, 300)], []));

        var fromFirst = Enumerable.Range(0, 500).SelectMany(index => Tokens(batches, DataSplit.Train, index).Chunk(8))
            .Count(window => window[0] < 100);

        Assert.InRange(fromFirst, 430, 570);   // a quarter of 2000
    }

    [Theory]
    [InlineData("local", 1, 0)]
    [InlineData("comigs-1g1s", 1, 1)]
    [InlineData("local-plus-valid", 2, 1)]
    public void Shards_OfAMethod_AreThoseItTrainsOn(string method, int train, int valid)
    {
        using var run = new TestRun(users: 1);

        var shards = UserShards.Open(run.Spec.Users[0], Vocabulary, MethodCatalog.Named(method));

        Assert.Equal((train, valid), (shards.Train.Count, shards.Valid.Count));
    }

    private static TokenStream Stream(int first, int length) => TokenStream.Of(
        "test", Enumerable.Range(first, length).Select(token => (ushort)token).ToArray(), Vocabulary);

    private static int[] Tokens(UserBatches batches, DataSplit split, int index)
    {
        int[] tokens = new int[32], targets = new int[32];
        batches.Fill(split, index, tokens, targets);
        Assert.All(tokens.Zip(targets), pair => Assert.Equal(pair.First + 1, pair.Second));
        return tokens;
    }
}
