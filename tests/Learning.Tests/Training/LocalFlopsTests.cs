using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Training;

/// <summary>The count against sums over the matrices of a model, written down one by one: two operations for every
/// element and token that a matrix is multiplied with.</summary>
public sealed class LocalFlopsTests
{
    private const int Tokens = 10;

    // 3 blocks of width 4: qkv 4·12, projection 4·4, MLP 4·16 and 16·4; 50 rows of embedding.
    private static readonly ModelShape Model = new(3, 2, 4, VocabularySize: 50, PositionCount: 16);

    private const double Block = 2 * (48 + 16 + 64 + 64);
    private const double Head = 2 * 50 * 4;

    // Scores and their product with the values: a token meets T/2 others, 4 multiply-adds each, twice.
    private const double Attention = 2 * 2 * 4 * (Tokens / 2.0);

    // Rank 3 in attention: 4 → 3 → 12 and 4 → 3 → 4. Rank 2 in experts: 4 → 2 → 16 and 16 → 2 → 4.
    private const double AttentionAdapters = 2 * ((12 + 36) + (12 + 12));
    private const double Expert = 2 * ((8 + 32) + (32 + 8));

    [Theory]
    [InlineData(5, true, 2, 2 * Expert, 2 * 4 * 5)]   // routed to two of five
    [InlineData(2, false, 2, 2 * Expert, 0)]          // the mean of both
    [InlineData(5, false, 2, 5 * Expert, 0)]          // the mean of all
    [InlineData(1, true, 1, Expert, 0)]               // nothing to route
    public void ForwardPerToken_IsTwoForEveryElementOnTheWay(
        int experts, bool hasRouter, int topK, double expertWork, double routerWork) => Assert.Equal(
            (3 * (Block + Attention + AttentionAdapters + expertWork + routerWork)) + Head,
            LocalFlops.ForwardPerToken(Model, Shape(experts, hasRouter, topK), Tokens));

    [Fact]
    public void BaseTrainingPerToken_IsForwardAndBack_WithoutTheFirstQkv() => Assert.Equal(
        (3 * ((2 * Block) + (3 * Attention))) + (2 * Head) - (2 * 48),
        LocalFlops.BaseTrainingPerToken(Model, Tokens));

    [Fact]
    public void TrainingPerToken_Experts_AddsGradientsOfInputsAndAdapters()
    {
        const double Router = 2 * 4 * 2;
        const double Forward = (3 * (Block + Attention + AttentionAdapters + (2 * Expert) + Router)) + Head;
        const double Inputs = Forward + (3 * Attention)
            - (2 * 48) - (2 * 12);   // d(input of the first block): through qkv and the A of its adapter
        const double Parameters = 3 * (AttentionAdapters + (2 * Expert));

        Assert.Equal(
            Forward + Inputs + Parameters,
            LocalFlops.TrainingPerToken(Model, Shape(2, hasRouter: true), Tokens, Phase.Experts));
        Assert.Equal(
            Forward + Inputs + Parameters + (3 * Router),
            LocalFlops.TrainingPerToken(Model, Shape(2, hasRouter: true), Tokens, Phase.Joint));
    }

    [Fact]
    public void TrainingPerToken_Router_StopsAtTheFirstBlocksHiddenLayer()
    {
        const double Router = 2 * 4 * 2;
        const double Mixture = AttentionAdapters + (2 * Expert) + Router;
        const double Forward = (3 * (Block + Attention + Mixture)) + Head;
        const double Whole = 2 * (Block + (2 * Attention) + Mixture);   // two blocks that gradients flow through
        const double First = (2 * 64) + (2 * 2 * (32 + 8));   // W2 and the second adapter of each expert

        Assert.Equal(
            Forward + Head + Whole + First + (3 * Router),
            LocalFlops.TrainingPerToken(Model, Shape(2, hasRouter: true), Tokens, Phase.Router));
    }

    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(3, 3, 2)]   // τ = 5: one phase of two steps
    [InlineData(10, 10, 4)]
    public void OfRound_CountsRouterPhasesWhereTheyFall(int stepsTaken, int steps, int routerSteps)
    {
        var shape = Shape(2, hasRouter: true);
        var plan = TinyModel.Plan with { StepCount = steps, RouterEvery = 5, RouterIterations = 2 };
        var perStep = 2 * 3 * 9.0;   // accumulation, micro-batch, sequence

        Assert.Equal(
            perStep * ((steps * LocalFlops.TrainingPerToken(Model, shape, 9, Phase.Experts))
                + (routerSteps * LocalFlops.TrainingPerToken(Model, shape, 9, Phase.Router))),
            LocalFlops.OfRound(Model, shape, plan, stepsTaken));
        Assert.Equal(
            perStep * steps * LocalFlops.TrainingPerToken(Model, shape, 9, Phase.Joint),
            LocalFlops.OfRound(Model, shape, plan with { Router = RouterMode.Joint }, stepsTaken));
    }

    private static AdapterShape Shape(int experts, bool hasRouter, int topK = 2) =>
        new(experts, MlpRank: 2, AttentionRank: 3, Alpha: 16, topK, hasRouter);
}
