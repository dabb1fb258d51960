using CoMiGS.Learning.Data;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>A user's random windows of one round: a function of (seed, round, user, split, index). Of several train
/// streams each is as likely as it is long, so they are one text; of several valid shards each is as likely as the
/// others, since a target is several texts.</summary>
/// <param name="sequenceLength">Tokens in a sequence.</param>
internal sealed class UserBatches(
    ulong seed, int round, string user, int sequenceLength, UserShards shards) : IBatchSource
{
    private readonly WindowSampler train = new(seed, user, "train");
    private readonly WindowSampler valid = new(seed, user, "valid");
    private readonly ulong userKey = Randomness.Key(user);
    private readonly ulong textKey = Randomness.Key("train text");
    private readonly ulong shardKey = Randomness.Key("valid shard");
    private readonly long trainTokens = shards.Train.Sum(stream => stream.Length);

    public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
    {
        var sequences = tokens.Length / sequenceLength;
        Span<int> window = new int[sequenceLength + 1];
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            Draw(split, ((long)index * sequences) + sequence, window);
            window[..^1].CopyTo(tokens.Slice(sequence * sequenceLength, sequenceLength));
            window[1..].CopyTo(targets.Slice(sequence * sequenceLength, sequenceLength));
        }
    }

    private void Draw(DataSplit split, long index, Span<int> window)
    {
        if (split == DataSplit.Train)
        {
            train.Fill(TextOf(index), round, index, window);
            return;
        }

        var shard = Randomness.Of(seed, (ulong)round, userKey, shardKey, (ulong)index).NextBelow(shards.Valid.Count);
        valid.Fill(shards.Valid[shard], round, index, window);
    }

    private TokenStream TextOf(long index)
    {
        var token = Randomness.Of(seed, (ulong)round, userKey, textKey, (ulong)index).NextBelow(trainTokens);
        return shards.Train.First(stream => (token -= stream.Length) < 0);
    }
}
