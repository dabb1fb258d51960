using CoMiGS.Grains.Aggregation;
using CoMiGS.Grains.Placement;
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
    private (RoundTicket? Ticket, double Seconds) answered;

    private UserKey Key => UserKey.Parse(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        moves.Arrived(GrainContext, Key);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        moves.Left(GrainContext);
        return Task.CompletedTask;
    }

    public async Task<UserReceipt> TrainAsync(RoundTicket ticket, CancellationToken stop)
    {
        var (trained, shared) = await workshop.TrainAsync(Key, ticket, stop);
        if (answered.Ticket != ticket with { Attempt = 0 })
        {
            answered = (ticket with { Attempt = 0 }, trained.ElapsedSeconds);
        }

        var receipt = trained with
        {
            Silo = silo.SiloAddress.ToParsableString(),
            ElapsedSeconds = answered.Seconds,   // of the training, not of finding it done
        };
        if (receipt.Tokens == 0)
        {
            return receipt;   // nothing learned, so nothing was saved and nothing is sent
        }

        await workshop.ForgetAsync(Key, ticket);
        if (shared.Length > 0)
        {
            var sum = PartialSumGrain.KeyOf(Key.Experiment, receipt.Silo, ticket.Life);
            await GrainFactory.GetGrain<IPartialSumGrain>(sum).AddAsync(new(receipt, shared)).WaitAsync(stop);
        }

        if (ticket.Rests)
        {
            DeactivateOnIdle();
        }

        return receipt;
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

    private async Task<UserVersion> CommittedAsync(string? generalist, CancellationToken stop)
    {
        var committed = await GrainFactory.GetGrain<IExperimentGrain>(Key.Experiment)
            .GetVersionAsync(Key.User).WaitAsync(stop);
        return committed with { Generalist = generalist ?? committed.Generalist };
    }
}
