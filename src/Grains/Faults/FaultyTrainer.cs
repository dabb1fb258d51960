using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Faults;

/// <summary>Trains like another trainer, but may break off half-way where that was announced for the call.</summary>
internal sealed class FaultyTrainer(ITrainer inner) : ITrainer
{
    private const string Key = "comigs.fault";

    public string Description => inner.Description;

    public ModelShape Model => inner.Model;

    /// <summary>Says what is to happen to training within the call under way.</summary>
    public static void Announce(FaultPlan plan, RoundTicket ticket, string user)
    {
        if (plan.Has(FaultKind.DropDuring, ticket.Round, user))
        {
            RequestContext.Set(Key, nameof(FaultKind.DropDuring));
        }
        else if (ticket is { Attempt: 0, Try: 0 } && plan.Has(FaultKind.Crash, ticket.Round, user))
        {
            RequestContext.Set(Key, nameof(FaultKind.Crash));
        }
    }

    public long BytesFor(AdapterShape shape, int microBatch, int sequenceLength) =>
        inner.BytesFor(shape, microBatch, sequenceLength);

    public async Task<LocalOutcome> TrainAsync(LocalWork work, CancellationToken stop)
    {
        if (RequestContext.Get(Key) is not string fault)
        {
            return await inner.TrainAsync(work, stop);
        }

        var half = work.Plan with { StepCount = (work.Plan.StepCount + 1) / 2 };
        await inner.TrainAsync(work with { Plan = half }, stop);
        throw fault == nameof(FaultKind.Crash)
            ? new ActivationLostException("its activation died during training")
            : new UserFailedException("dropped during training");
    }

    public Task<Measurement> MeasureAsync(MeasureWork work, CancellationToken stop) => inner.MeasureAsync(work, stop);

    public Task<Inspection> InspectAsync(InspectWork work, CancellationToken stop) => inner.InspectAsync(work, stop);

    /// <summary>The other trainer is its owner's.</summary>
    public void Dispose()
    {
    }
}
