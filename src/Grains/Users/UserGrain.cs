using CoMiGS.Grains.Aggregation;
using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Users;

/// <summary>One user. Thin: its silo's <see cref="UserWorkshop"/> computes and saves, and whatever the user has to
/// remember is in the states that are stored.</summary>
[UserPlacement]
public sealed class UserGrain(
    UserWorkshop workshop, ILocalSiloDetails silo, UserMoves moves) : Grain, IUserGrain
{
    /// <summary>The last order, however often it came, and what its answer says of time: of the training, not of
    /// finding it done.</summary>
    private (RoundTicket? Order, UserReceipt? Receipt) answered;

    private UserKey Key => UserKey.Parse(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        moves.Arrived(GrainContext, Key);
        Instruments.Activations.Add(1);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        moves.Left(GrainContext);
        Instruments.Activations.Add(-1);
        return Task.CompletedTask;
    }

    public async Task<UserReceipt> TrainAsync(RoundTicket ticket, CancellationToken stop)
    {
        using var clock = workshop.NewClock(Key, ticket);
        var (trained, shared) = await workshop.TrainAsync(Key, ticket, clock, stop);
        var receipt = trained with { Silo = silo.SiloAddress.ToParsableString() };
        if (receipt.Tokens > 0)   // else nothing was learned, so nothing was saved and nothing is sent
        {
            await workshop.ForgetAsync(Key, ticket);
            clock.Enter(UserPhase.Upload);
            receipt = receipt with { Sum = await SendAsync(ticket, clock.Stamp(receipt), shared, stop) };
            if (ticket.Rests)
            {
                DeactivateOnIdle();
            }
        }

        clock.Answer(receipt);
        return Timed(ticket, clock.Stamp(receipt));
    }

    public async Task<UserEvaluation> EvaluateAsync(EvaluationTicket ticket, CancellationToken stop)
    {
        var version = ticket.Version is { } round
            ? new UserVersion(round, ticket.Generalist)
            : await CommittedAsync(ticket.Generalist, stop);
        return await workshop.EvaluateAsync(Key, ticket, version, stop);
    }

    public async Task<TokenTrace> TraceAsync(TraceTicket ticket, CancellationToken stop) =>
        await workshop.TraceAsync(Key, ticket.Text, await CommittedAsync(ticket.Generalist, stop), stop);

    public async Task ExportAsync(string? generalist, CancellationToken stop) =>
        await workshop.ExportAsync(Key, await CommittedAsync(generalist, stop), stop);

    /// <returns>The sum that took what is shared.</returns>
    private async Task<Guid> SendAsync(
        RoundTicket ticket, UserReceipt receipt, byte[] shared, CancellationToken stop)
    {
        if (shared.Length == 0)
        {
            return default;
        }

        var sum = PartialSumGrain.KeyOf(Key.Experiment, receipt.Silo, ticket.Life);
        return await GrainFactory.GetGrain<IPartialSumGrain>(sum)
            .AddAsync(new(receipt, shared, ticket.Generalist!)).WaitAsync(stop);
    }

    private UserReceipt Timed(RoundTicket ticket, UserReceipt receipt)
    {
        var order = ticket with { Attempt = 0, Try = 0 };
        if (answered.Order != order)
        {
            answered = (order, receipt);
        }

        return receipt with
        {
            ElapsedSeconds = answered.Receipt!.ElapsedSeconds,
            Phases = answered.Receipt.Phases,
        };
    }

    private async Task<UserVersion> CommittedAsync(string? generalist, CancellationToken stop)
    {
        var committed = await GrainFactory.GetGrain<IExperimentGrain>(Key.Experiment)
            .GetVersionAsync(Key.User).WaitAsync(stop);
        return committed with { Generalist = generalist ?? committed.Generalist };
    }
}
