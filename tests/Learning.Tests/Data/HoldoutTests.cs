using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

public sealed class HoldoutTests
{
    [Theory]
    [InlineData(100, 0.1, 90)]
    [InlineData(101, 0.1, 91)]
    [InlineData(7, 0, 7)]
    public void Start_OfAShard_LeavesTheLastPartOut(long tokens, double holdout, long expected) =>
        Assert.Equal(expected, Holdout.Start(tokens, holdout));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(625)]
    public void PartOf_EqualShares_NeverMeetAndNeverReachTheHoldout(int users)
    {
        const long Tokens = 98_765;
        var share = 1.0 / users;
        var end = 0L;
        for (var user = 0; user < users; user++)
        {
            var start = users == 1 ? 0 : (1 - share) * user / (users - 1);
            var (first, count) = Holdout.PartOf(Tokens, 0.1, start, share);
            Assert.True(first >= end, $"user {user} begins at {first}, but the one before ends at {end}");
            Assert.Equal(Holdout.TrainTokens(Tokens, 0.1, share), count);
            end = first + count;
        }

        Assert.InRange(end, Holdout.Start(Tokens, 0.1) - users, Holdout.Start(Tokens, 0.1));
    }
}
