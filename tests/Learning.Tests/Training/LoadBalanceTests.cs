using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Training;

public class LoadBalanceTests
{
    [Fact]
    public void Loss_OfTwoExpertsBothAlwaysSelected_IsOneHalf()
    {
        var tally = new RoutingTally(1, 2) { TokenCount = 10 };
        (tally.Selected[0], tally.Selected[1]) = (10, 10);
        (tally.ProbabilitySum[0], tally.ProbabilitySum[1]) = (3, 7);

        Assert.Equal(0.5, LoadBalance.Loss(tally), 12);
    }

    [Fact]
    public void Loss_OfThreeExperts_FollowsEquationTen()
    {
        // f = (0.5, 1, 0.5), P = (0.2, 0.5, 0.3), n = 3: [0.5·0.2 + 2(1·0.5 + 0.5·0.3)] / 5
        var tally = Tally();

        Assert.Equal((0.1 + (2 * (0.5 + 0.15))) / 5, LoadBalance.Loss(tally), 12);
    }

    [Fact]
    public void Slopes_AreTheDerivativeByOneTokensProbability()
    {
        const double Step = 1e-3, Scale = 0.7;
        var slopes = new float[3];
        LoadBalance.Slopes(Tally(), Scale, slopes);

        for (var expert = 0; expert < 3; expert++)
        {
            var (up, down) = (Tally(), Tally());
            up.ProbabilitySum[expert] += Step;
            down.ProbabilitySum[expert] -= Step;
            var numeric = Scale * (LoadBalance.Loss(up) - LoadBalance.Loss(down)) / (2 * Step);
            Assert.Equal(numeric, slopes[expert], 8);
        }
    }

    [Fact]
    public void Loss_OfOneExpert_IsZero() => Assert.Equal(0, LoadBalance.Loss(new(3, 1) { TokenCount = 5 }));

    private static RoutingTally Tally()
    {
        var tally = new RoutingTally(1, 3) { TokenCount = 10 };
        new long[] { 5, 10, 5 }.CopyTo(tally.Selected, 0);
        new double[] { 2, 5, 3 }.CopyTo(tally.ProbabilitySum, 0);
        return tally;
    }
}
