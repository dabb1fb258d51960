namespace OrleansContract;

[GenerateSerializer, Alias("contract.Ledger")]
public sealed class Ledger
{
    [Id(0)]
    public List<int> Entries { get; set; } = [];
}

public interface IStateGrain : IGrainWithStringKey
{
    Task AddAsync(int entry);

    Task<int> WriteAsync();

    Task<int> ReadAsync();

    Task ClearAsync();

    Task<(int Sum, bool Exists, string? Etag)> LookAsync();

    Task DeactivateAsync();

    Task<Guid> ActivationAsync();

    /// <summary>Writes from outside the turn.</summary>
    Task<string> TouchOffTurnAsync();
}

public interface IMemoryStateGrain : IStateGrain;

public interface IDefaultStateGrain : IStateGrain;

public interface IUnregisteredStateGrain : IStateGrain;

public abstract class StateGrainBase(IPersistentState<Ledger> ledger) : Grain, IStateGrain
{
    private readonly Guid activation = Guid.NewGuid();
    private int atActivation = -1;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        atActivation = ledger.State.Entries.Sum();
        return Task.CompletedTask;
    }

    public Task AddAsync(int entry)
    {
        ledger.State.Entries.Add(entry);
        return Task.CompletedTask;
    }

    public async Task<int> WriteAsync()
    {
        await ledger.WriteStateAsync();
        return atActivation;
    }

    public async Task<int> ReadAsync()
    {
        await ledger.ReadStateAsync();
        return ledger.State.Entries.Sum();
    }

    public Task ClearAsync() => ledger.ClearStateAsync();

    public Task<(int Sum, bool Exists, string? Etag)> LookAsync() =>
        Task.FromResult((ledger.State.Entries.Sum(), ledger.RecordExists, ledger.Etag));

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<Guid> ActivationAsync() => Task.FromResult(activation);

    public Task<string> TouchOffTurnAsync() => Task.Run(() =>
    {
        try
        {
            return ledger.State.ToString()!;
        }
        catch (InvalidOperationException)
        {
            return "refused";
        }
    });
}

public sealed class SharedStateGrain([PersistentState("ledger", "shared")] IPersistentState<Ledger> ledger)
    : StateGrainBase(ledger), ISharedStateGrain;

public sealed class MemoryStateGrain([PersistentState("ledger", "memory")] IPersistentState<Ledger> ledger)
    : StateGrainBase(ledger), IMemoryStateGrain;

public sealed class DefaultStateGrain([PersistentState("ledger")] IPersistentState<Ledger> ledger)
    : StateGrainBase(ledger), IDefaultStateGrain;

public sealed class UnregisteredStateGrain([PersistentState("ledger", "nowhere")] IPersistentState<Ledger> ledger)
    : StateGrainBase(ledger), IUnregisteredStateGrain;

public interface ISharedStateGrain : IStateGrain;

/// <summary>Two states, and a service besides.</summary>
public interface ITwoStatesGrain : IGrainWithStringKey
{
    Task WriteAsync(int first, int second);

    Task<(int First, int Second, string Silo)> LookAsync();

    Task DeactivateAsync();
}

public sealed class TwoStatesGrain(
    [PersistentState("first", "shared")] IPersistentState<Ledger> first,
    ILocalSiloDetails silo,
    [PersistentState("second", "shared")] IPersistentState<Ledger> second) : Grain, ITwoStatesGrain
{
    public async Task WriteAsync(int one, int two)
    {
        first.State.Entries.Add(one);
        second.State.Entries.Add(two);
        await first.WriteStateAsync();
        await second.WriteStateAsync();
    }

    public Task<(int First, int Second, string Silo)> LookAsync() =>
        Task.FromResult((first.State.Entries.Sum(), second.State.Entries.Sum(), silo.Name));

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
