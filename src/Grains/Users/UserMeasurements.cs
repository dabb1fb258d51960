using System.Collections.Immutable;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>Measures users on their targets. The base is the same for everybody, so a silo measures it once per text.
/// </summary>
internal sealed class UserMeasurements
{
    private const int BaseMeasurementsHeld = 4096;

    private readonly OnceCache<string, Weighted> baseLosses =
        new("base_losses", BaseMeasurementsHeld);

    public async Task<UserEvaluation> MeasureAsync(
        Run run, UserSpec user, EvaluationTicket ticket, UserModel model, CancellationToken stop)
    {
        var measured = await run.Trainer.MeasureAsync(new(model, Windows(run, user, ticket)), stop);
        var trainTokens = UserShards.TrainTokens(user, run.Trainer.Model.VocabularySize);
        return new(
            user.Id, user.Targets[ticket.Target].Name, new(measured.LossSum, measured.Tokens),
            model.Shape.Routes ? Shares(measured.Tally) : [], trainTokens);
    }

    public async Task<UserEvaluation> MeasureBaseAsync(
        Run run, UserSpec user, EvaluationTicket ticket, CancellationToken stop)
    {
        var target = user.Targets[ticket.Target];
        var text = string.Join('\n', [
            run.Spec.Base, FormattableString.Invariant($"{run.Spec.Training.SequenceLength} {ticket.Tokens}"),
            FormattableString.Invariant($"{(target.IsHoldout ? user.Holdout : 0)}"), .. target.Shards]);
        var loss = await baseLosses.GetAsync(
            text,
            async () =>
            {
                var measured = await run.Trainer.MeasureAsync(
                    new(NoAdapters(run), Windows(run, user, ticket)), CancellationToken.None);
                return new Weighted(measured.LossSum, measured.Tokens);
            },
            stop);
        return new(user.Id, target.Name, loss, [], UserShards.TrainTokens(user, run.Trainer.Model.VocabularySize));
    }

    private static IReadOnlyList<int[]> Windows(Run run, UserSpec user, EvaluationTicket ticket) => TargetWindows.Of(
        UserShards.OpenTarget(user, user.Targets[ticket.Target], run.Trainer.Model.VocabularySize),
        run.Spec.Training.SequenceLength, ticket.Tokens);

    /// <summary>One expert with adapters that add zero: exactly the base.</summary>
    private static UserModel NoAdapters(Run run)
    {
        var shape = new AdapterShape(1, 1, 1, Alpha: 1, TopK: 1, HasRouter: false);
        return UserModel.Start(shape, new float[ParameterLayout.Of(run.Trainer.Model, shape).Length]);
    }

    private static ImmutableArray<double> Shares(RoutingTally tally) =>
    [
        .. Enumerable.Range(0, tally.LayerCount)
            .Select(layer => (double)tally.First[layer * tally.ExpertCount] / tally.TokenCount),
    ];
}
