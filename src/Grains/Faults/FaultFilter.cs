using CoMiGS.Grains.Aggregation;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Faults;

/// <summary>Carries out a fault plan on the way of calls: tickets to users, parameters to sums, orders to the
/// aggregator. A call without a fault passes as it is.</summary>
public sealed class FaultFilter(RunCatalog runs, UserWorkshop workshop, IGrainFactory grains, ISiloFaults silos)
    : IIncomingGrainCallFilter
{
    private const string DroppedAfter = "dropped after training";

    public Task Invoke(IIncomingGrainCallContext context) => (context.Grain, context.Request.GetMethodName()) switch
    {
        (UserGrain, nameof(IUserGrain.TrainAsync)) => TrainAsync(context, Argument<RoundTicket>(context)),
        (PartialSumGrain, nameof(IPartialSumGrain.AddAsync)) => AddAsync(context, Argument<Contribution>(context)),
        (AggregatorGrain, nameof(IAggregatorGrain.AggregateAsync)) =>
            AggregateAsync(context, Argument<AggregationOrder>(context)),
        _ => context.Invoke(),
    };

    private async Task TrainAsync(IIncomingGrainCallContext context, RoundTicket ticket)
    {
        var plan = await runs.FaultsAsync(ticket.Experiment);
        if (plan.IsEmpty)
        {
            await context.Invoke();
            return;
        }

        await silos.ReachAsync(ticket.Experiment, ticket.Round, plan.DeadSilos(ticket.Round));
        var key = UserKey.Parse(context.TargetId.Key.ToString()!);
        if (plan.Has(FaultKind.DropBefore, ticket.Round, key.User))
        {
            throw new UserFailedException("dropped before training");
        }

        FaultyTrainer.Announce(plan, ticket, key.User);
        try
        {
            await context.Invoke();
        }
        catch (ActivationLostException)
        {
            ((Grain)context.Grain).DeactivateOnIdle();
            throw;
        }

        if (ticket.Generalist is null && plan.Has(FaultKind.DropAfter, ticket.Round, key.User))
        {
            throw new UserFailedException(DroppedAfter);   // nothing is sent that would be lost on the way
        }

        if (plan.Has(FaultKind.DuplicateUpload, ticket.Round, key.User) && context.Result is UserReceipt receipt
            && ticket.Generalist is { } start)
        {
            using var clock = workshop.NewClock(key, ticket);
            var (_, shared) = await workshop.TrainAsync(key, ticket, clock, CancellationToken.None);   // finds it done
            await grains.GetGrain<IPartialSumGrain>(PartialSumGrain.KeyOf(key.Experiment, receipt.Silo, ticket.Life))
                .AddAsync(new(receipt, shared, start));
        }
    }

    private async Task AddAsync(IIncomingGrainCallContext context, Contribution contribution)
    {
        var receipt = contribution.Receipt;
        var plan = await runs.FaultsAsync(PartialSumGrain.ExperimentOf(context.TargetId.Key.ToString()!));
        if (plan.Has(FaultKind.DropAfter, receipt.Round, receipt.User))
        {
            throw new UserFailedException(DroppedAfter);
        }

        if (plan.Has(FaultKind.LoseUpload, receipt.Round, receipt.User))
        {
            context.Result = ((PartialSumGrain)context.Grain).Id;   // the sender believes that it arrived
            return;
        }

        context.Request.SetArgument(0, CorruptedUpload.Of(plan, contribution));
        await context.Invoke();
    }

    private async Task AggregateAsync(IIncomingGrainCallContext context, AggregationOrder order)
    {
        var plan = await runs.FaultsAsync(context.TargetId.Key.ToString()!);
        if (order.Attempt == 0 && plan.Has(FaultKind.LoseAggregator, order.Round))
        {
            ((Grain)context.Grain).DeactivateOnIdle();
            throw new ActivationLostException("the aggregator's activation died");
        }

        await context.Invoke();
    }

    private static T Argument<T>(IIncomingGrainCallContext context) => (T)context.Request.GetArgument(0)!;
}
