using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>Who shares a stack. Needs no libtorch.</summary>
public class StackPlannerTests
{
    private static readonly ModelShape Model = new(2, 2, 16, 40, 12);
    private static readonly AdapterShape Two = new(2, 4, 4, 16, 2, true);
    private static readonly AdapterShape Three = Two with { ExpertCount = 3 };

    [Fact]
    public void Split_UnequalShapes_KeepsThemApartInOrderOfArrival()
    {
        var stacks = Split(long.MaxValue, Item(Two), Item(Three), Item(Two), Item(Three));
        Assert.Equal([[0, 2], [1, 3]], stacks);
    }

    [Fact]
    public void Split_UnequalPlans_KeepsThemApart()
    {
        var slower = Item(Two);
        slower = slower with { Plan = slower.Plan with { RouterRate = 0.5f } };
        Assert.Equal([[0, 2], [1]], Split(long.MaxValue, Item(Two), slower, Item(Two)));
    }

    [Theory]
    [InlineData(RouterMode.AlternatingOnValid, 2)]
    [InlineData(RouterMode.AlternatingOnTrain, 2)]
    [InlineData(RouterMode.Joint, 1)]
    [InlineData(RouterMode.None, 1)]
    public void Split_StepsTakenDiffer_KeepsApartOnlyWhereRouterPhasesWouldFallApart(RouterMode mode, int stackCount)
    {
        var stacks = Split(long.MaxValue, Item(Two, 0, mode), Item(Two, 1, mode), Item(Two, 5, mode));
        Assert.Equal(stackCount, stacks.Length);
    }

    [Fact]
    public void Split_BudgetOfTwoUsers_MakesStacksOfTwo()
    {
        var budget = 2 * StackPlanner.BytesPerUser(Model, Two, 3, 9);
        Assert.Equal([[0, 1], [2, 3], [4]], Split(budget, [.. Enumerable.Repeat(Item(Two), 5)]));
    }

    [Fact]
    public void Split_BudgetBelowOneUser_StillTrainsEach() => Assert.Equal([[0], [1]], Split(1, Item(Two), Item(Two)));

    private static int[][] Split(long budget, params LocalWork[] work) =>
        [.. StackPlanner.Split(Enumerable.Range(0, work.Length), index => work[index], Model, budget)];

    private static LocalWork Item(
        AdapterShape shape, int stepsTaken = 0, RouterMode mode = RouterMode.AlternatingOnValid) =>
        new(UserModel.Start(shape, []) with { ExpertSteps = stepsTaken }, TorchSamples.Plan with { Router = mode },
            new TorchSamples.Batches(1));
}
