using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Tests.Aggregation;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Training;

public sealed class RankPruningTests
{
    private static readonly ParameterLayout Layout = Users.Layout(rank: 4);
    private static readonly RankPruning Pruning = new(Kept: 0.99, Weight: 0.1);

    [Fact]
    public void AddGradient_IsTheSlopeOfTheTerm()
    {
        var parameters = Users.Values(1, Layout.Length);
        var gradient = new float[Layout.Length];

        var value = Pruning.AddGradient(Layout, parameters, gradient);

        Assert.Equal(0.1 * Pruning.TailOf(Layout, parameters), value, tolerance: 1e-9);
        const float step = 1e-2f;
        var moved = 0;
        for (var i = 0; i < parameters.Length; i += 7)
        {
            float[] up = [.. parameters], down = [.. parameters];
            (up[i], down[i]) = (up[i] + step, down[i] - step);
            var slope = 0.1 * (Pruning.TailOf(Layout, up) - Pruning.TailOf(Layout, down)) / (up[i] - down[i]);
            Assert.Equal(slope, gradient[i], tolerance: 1e-3);
            moved += gradient[i] != 0 ? 1 : 0;
        }

        Assert.InRange(moved, 10, parameters.Length / 7 / 2);
    }

    [Fact]
    public void Prune_TailThatShrank_TakesTheLastComponentForGood()
    {
        var before = UserModel.Start(Layout.Adapters, Users.Values(1, Layout.Length));
        var after = before with
        {
            Parameters = [.. before.Parameters.Select(value => 0.9f * value)],
            FirstMoments = Users.Values(2, Layout.Length),
        };

        var pruned = Pruning.Prune(Layout, before, after);
        var again = Pruning.Prune(Layout, after, pruned);

        Assert.Equal(3, RankPruning.ActiveRank(Layout, pruned.Parameters));
        Assert.Equal(2, RankPruning.ActiveRank(Layout, again.Parameters));
        var a = Layout[AdapterSite.MlpInput, Factor.A, 1];
        Assert.All(Row(pruned.FirstMoments, 3), value => Assert.Equal(0, value));
        Assert.Equal(Row(after.Parameters, 2), Row(pruned.Parameters, 2));

        float[] Row(float[] vector, int row) => vector[(a.Offset + (row * a.Columns))..][..a.Columns];
    }

    [Fact]
    public void Prune_TailThatGrew_ChangesNothing()
    {
        var before = UserModel.Start(Layout.Adapters, Users.Values(1, Layout.Length));
        var after = before with { Parameters = [.. before.Parameters.Select(value => 1.1f * value)] };

        Assert.Same(after, Pruning.Prune(Layout, before, after));
    }

    [Fact]
    public void Prune_LastComponent_Stays()
    {
        var layout = Users.Layout(rank: 1);
        var before = UserModel.Start(layout.Adapters, Users.Values(1, layout.Length));
        var after = before with { Parameters = [.. before.Parameters.Select(value => 0.5f * value)] };

        Assert.Same(after, Pruning.Prune(layout, before, after));
    }
}
