namespace OrleansContract;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<Guid> ActivationAsync();

    Task DeactivateAsync();

    /// <summary>Deactivates itself and then waits for the gate.</summary>
    Task DeactivateAndBlockAsync(string gate);

    Task<SiloAddress> SiloAsync();
}

/// <summary>Logs its life under its key. Keys beginning with "stillborn" fail to activate.</summary>
public sealed class LifeGrain(ILocalSiloDetails silo) : Grain, ILifeGrain
{
    private readonly Guid activation = Guid.NewGuid();

    private string Key => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Signals.Log(Key, "activate");
        if (Key.StartsWith("stillborn", StringComparison.Ordinal))
        {
            throw new InvalidDataException("no life in " + Key);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Signals.Log(Key, "deactivate " + reason.ReasonCode);
        Signals.Open(Key + "/deactivated");
    }

    public Task<Guid> ActivationAsync() => Task.FromResult(activation);

    public Task<SiloAddress> SiloAsync() => Task.FromResult(silo.SiloAddress);

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task DeactivateAndBlockAsync(string gate)
    {
        DeactivateOnIdle();
        Signals.Open(gate + "/entered");
        await Signals.Opened(gate);
        Signals.Log(Key, "unblocked");
    }
}
