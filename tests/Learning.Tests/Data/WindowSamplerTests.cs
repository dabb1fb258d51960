using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Tests.Data;

public sealed class WindowSamplerTests
{
    private static readonly TokenStream Hundred =
        TokenStream.Of("hundred", Enumerable.Range(0, 100).Select(i => (ushort)i).ToArray(), 100);

    [Fact]
    public void Fill_SameKeys_GivesTheSameConsecutiveTokens()
    {
        int[] first = new int[9], second = new int[9];
        new WindowSampler(1, "de", "experts").Fill(Hundred, round: 3, index: 4, first);
        new WindowSampler(1, "de", "experts").Fill(Hundred, round: 3, index: 4, second);

        Assert.Equal(first, second);
        Assert.Equal(Enumerable.Range(first[0], 9), first);
    }

    [Fact]
    public void Start_ManyIndices_ReachesEveryPositionAndNoOther()
    {
        var sampler = new WindowSampler(2, "fr", "router");
        var starts = Enumerable.Range(0, 5000).Select(i => sampler.Start(Hundred, 0, i, 90)).ToHashSet();
        Assert.Equal(Enumerable.Range(0, 11).Select(i => (long)i).ToHashSet(), starts);
    }

    [Fact]
    public void Start_OtherUserPurposeRoundOrSeed_DrawsOtherWindows()
    {
        long[][] draws =
        [
            Draw(new(1, "de", "experts"), 0), Draw(new(1, "fr", "experts"), 0), Draw(new(1, "de", "router"), 0),
            Draw(new(1, "de", "experts"), 1), Draw(new(2, "de", "experts"), 0),
        ];
        Assert.Equal(draws.Length, draws.Select(d => string.Join(",", d)).Distinct().Count());

        static long[] Draw(WindowSampler sampler, int round) =>
            [.. Enumerable.Range(0, 8).Select(i => sampler.Start(Hundred, round, i, 10))];
    }

    [Fact]
    public void Start_StreamShorterThanWindow_NamesBothLengths() =>
        Assert.Contains("100 tokens, fewer than one window of 101", Assert.Throws<BadInputException>(
            () => new WindowSampler(1, "de", "experts").Start(Hundred, 0, 0, 101)).Message);
}
