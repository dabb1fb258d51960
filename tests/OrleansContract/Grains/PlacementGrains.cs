using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace OrleansContract;

public interface IPlacedGrain : IGrainWithStringKey
{
    Task<SiloAddress> SiloAsync();

    /// <summary>The silo of the partial sum that belongs to this grain's silo.</summary>
    Task<(SiloAddress Mine, SiloAddress Partial)> PartialAsync();
}

public interface IPartialGrain : IGrainWithStringKey
{
    Task<SiloAddress> SiloAsync();

    Task AddAsync(long value);

    Task<long> SumAsync();
}

public interface IHashedGrain : IPlacedGrain;

public interface IRandomGrain : IPlacedGrain;

public interface IBalancedGrain : IPlacedGrain;

public interface IWorkerGrain : IGrainWithStringKey
{
    Task<Guid> WorkAsync(string gate);

    Task<SiloAddress> SiloAsync();
}

public abstract class PlacedGrainBase(ILocalSiloDetails silo) : Grain, IPlacedGrain
{
    public Task<SiloAddress> SiloAsync() => Task.FromResult(silo.SiloAddress);

    public async Task<(SiloAddress Mine, SiloAddress Partial)> PartialAsync()
    {
        var partial = GrainFactory.GetGrain<IPartialGrain>(silo.SiloAddress.ToParsableString());
        return (silo.SiloAddress, await partial.SiloAsync());
    }
}

[RandomPlacement]
public sealed class PlacedGrain(ILocalSiloDetails silo) : PlacedGrainBase(silo), IRandomGrain;

[HashBasedPlacement]
public sealed class HashedGrain(ILocalSiloDetails silo) : PlacedGrainBase(silo), IHashedGrain;

[ActivationCountBasedPlacement]
public sealed class BalancedGrain(ILocalSiloDetails silo) : PlacedGrainBase(silo), IBalancedGrain;

/// <summary>A placement of the application's own: on the silo whose metadata "letter" the key begins with.</summary>
public sealed class LetterPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class LetterPlacementAttribute() : PlacementAttribute(new LetterPlacement());

/// <summary>A grain lives on the silo that has its key's first letter; where none has, one with a capital letter lives
/// on any.</summary>
public sealed class LetterPlacementDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    public async Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        await Task.Yield();
        var letter = target.GrainIdentity.Key.ToString()![..1];
        var silos = context.GetCompatibleSilos(target);
        return silos.FirstOrDefault(silo => letter.Equals(
                metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault("letter"),
                StringComparison.OrdinalIgnoreCase))
            ?? (char.IsUpper(letter[0])
                ? silos[0]
                : throw new InvalidOperationException($"No silo has the letter '{letter}'."));
    }
}

public interface ILetterGrain : IPlacedGrain
{
    Task<IReadOnlyList<SiloAddress>> ActiveSilosAsync();

    /// <summary>Ends the activation from outside its turns.</summary>
    Task LeaveAsync();

    /// <summary>Has the activation move to where it would be placed now, from outside its turns.</summary>
    Task MoveAsync();
}

[LetterPlacement]
public sealed class LetterGrain(ILocalSiloDetails silo, IClusterMembershipService membership)
    : PlacedGrainBase(silo), ILetterGrain
{
    public Task<IReadOnlyList<SiloAddress>> ActiveSilosAsync() => Task.FromResult<IReadOnlyList<SiloAddress>>(
        [.. membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)]);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        var context = GrainContext;
        return Task.Run(() => context.Deactivate(
            new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "It is better off elsewhere.")));
    }

    public Task MoveAsync()
    {
        var context = GrainContext;
        return Task.Run(() => context.Migrate(requestContext: null));
    }
}

[PreferLocalPlacement]
public sealed class PartialGrain(ILocalSiloDetails silo) : Grain, IPartialGrain
{
    private long sum;

    public Task<SiloAddress> SiloAsync() => Task.FromResult(silo.SiloAddress);

    public Task AddAsync(long value)
    {
        sum += value;
        return Task.CompletedTask;
    }

    public Task<long> SumAsync() => Task.FromResult(sum);
}

[StatelessWorker(2)]
public sealed class WorkerGrain(ILocalSiloDetails silo) : Grain, IWorkerGrain
{
    private readonly Guid activation = Guid.NewGuid();

    public async Task<Guid> WorkAsync(string gate)
    {
        Signals.Log(gate, activation.ToString());
        await Signals.Opened(gate);
        return activation;
    }

    public Task<SiloAddress> SiloAsync() => Task.FromResult(silo.SiloAddress);
}
