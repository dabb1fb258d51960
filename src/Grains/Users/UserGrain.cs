using CoMiGS.Grains.Aggregation;
using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Telemetry;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Users;

/// <summary>One user. Thin: decides on its turn, lets its silo's <see cref="UserWorkshop"/> compute, saves on its turn.
/// </summary>
[UserPlacement]
public sealed class UserGrain(
    [PersistentState("user", StorageNames.Files)] IPersistentState<UserState> state,
    UserWorkshop workshop, IBlobStore blobs, ILocalSiloDetails silo, UserMoves moves) : Grain, IUserGrain
{
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
        var here = silo.SiloAddress.ToParsableString();
        using var clock = workshop.NewClock(Key, ticket);
        byte[]? shared = null;
        if (!state.State.Answers(ticket))
        {
            (var trained, shared) = await workshop.TrainAsync(Key, ticket, clock, stop);
            if (trained.Tokens == 0)
            {
                clock.Answer(trained);
                return clock.Stamp(trained) with { Silo = here };   // nothing learned, so nothing to save or to send
            }

            await SaveAsync(ticket, clock.Stamp(trained));
        }

        var isNew = shared is not null;
        var receipt = state.State.Receipt! with { Attempt = ticket.Attempt, Silo = here };
        clock.Enter(UserPhase.Upload);
        shared ??= await workshop.ReadSharedAsync(Key, ticket.Round, stop);
        if (shared.Length > 0)
        {
            var sum = GrainFactory.GetGrain<IPartialSumGrain>(PartialSumGrain.KeyOf(Key.Experiment, here));
            await sum.AddAsync(new(receipt, shared, ticket.Generalist!)).WaitAsync(stop);
        }

        if (isNew)
        {
            // What came after the save is remembered, so that a repeated ticket gets the same answer, but not saved.
            receipt = clock.Stamp(receipt);
            state.State = state.State with { Receipt = receipt };
        }

        if (ticket.Rests)
        {
            DeactivateOnIdle();
        }

        clock.Answer(receipt);
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

    /// <summary>Saves the receipt, and with it the choice of the new state; then forgets states nobody can ask for: all
    /// but this one and the one before it.</summary>
    private async Task SaveAsync(RoundTicket ticket, UserReceipt receipt)
    {
        var old = state.State;
        await this.SaveAsync(state, new UserState
        {
            Version = ticket.Round,
            Before = ticket.Version,
            Generalist = ticket.Generalist,
            Receipt = receipt,
        });
        foreach (var version in new[] { old.Version, old.Before }.Distinct())
        {
            if (version >= 0 && version != ticket.Round && version != ticket.Version)
            {
                await blobs.DeleteAsync(BlobNames.User(Key.Experiment, Key.User, version));
            }
        }
    }

    private async Task<UserVersion> CommittedAsync(string? generalist, CancellationToken stop)
    {
        var committed = await GrainFactory.GetGrain<IExperimentGrain>(Key.Experiment)
            .GetVersionAsync(Key.User).WaitAsync(stop);
        return committed with { Generalist = generalist ?? committed.Generalist };
    }
}
