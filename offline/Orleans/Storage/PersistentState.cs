using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>The part of a persistent state the activation uses, whatever the type of its value.</summary>
internal interface IPersistentStateBridge
{
    Task ReadStateAsync();
}

/// <summary>Carries one named record between a grain and its store.</summary>
internal sealed class PersistentState<TState>(string name, Activation activation, IGrainStorage store)
    : IPersistentState<TState>, IPersistentStateBridge
{
    private readonly GrainState<TState> record = new(NewState());
    private bool loaded;

    public TState State
    {
        get
        {
            RuntimeContext.RequireTurn();
            return record.State!;
        }

        set
        {
            RuntimeContext.RequireTurn();
            record.State = value;
        }
    }

    public string? Etag => record.ETag;

    public bool RecordExists => loaded
        ? record.RecordExists
        : throw new InvalidOperationException("State has not yet been loaded");

    public async Task ReadStateAsync()
    {
        await GuardAsync(() => store.ReadStateAsync(name, activation.GrainId, record), nameof(ReadStateAsync));
        loaded = true;
    }

    public Task WriteStateAsync() =>
        GuardAsync(() => store.WriteStateAsync(name, activation.GrainId, record), nameof(WriteStateAsync));

    public Task ClearStateAsync() =>
        GuardAsync(() => store.ClearStateAsync(name, activation.GrainId, record), nameof(ClearStateAsync));

    private static TState NewState() =>
        typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance<TState>()
            : default!;

    private async Task GuardAsync(Func<Task> operation, string operationName)
    {
        RuntimeContext.RequireTurn();
        try
        {
            await operation();
        }
        catch (Exception exception) when (exception is not OrleansException)
        {
            throw new OrleansException(
                $"Error from storage provider {store.GetType().Name}.{name} during {operationName} for grain "
                + $"{activation.GrainId}: {exception.Message}",
                exception);
        }
    }
}

internal static class PersistentState
{
    /// <summary>How to make the value of a constructor parameter marked [PersistentState].</summary>
    public static Func<Activation, IPersistentStateBridge> Factory(
        Type parameterType, PersistentStateAttribute attribute)
    {
        if (!parameterType.IsGenericType || parameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException(
                $"A [PersistentState] parameter must be an IPersistentState<T>, not {parameterType}.");
        }

        return typeof(PersistentState).GetMethod(nameof(Create), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(parameterType.GetGenericArguments())
            .CreateDelegate<Func<PersistentStateAttribute, Func<Activation, IPersistentStateBridge>>>()(attribute);
    }

    private static Func<Activation, IPersistentStateBridge> Create<TState>(PersistentStateAttribute attribute) =>
        activation => new PersistentState<TState>(
            attribute.StateName, activation, Store(activation, attribute.StorageName));

    private static IGrainStorage Store(Activation activation, string? name) =>
        (string.IsNullOrWhiteSpace(name)
            ? activation.Silo.Services.GetService<IGrainStorage>()
            : activation.Silo.Services.GetKeyedService<IGrainStorage>(name))
        ?? throw new BadProviderConfigException(string.IsNullOrWhiteSpace(name)
            ? $"No default storage provider found loading grain type {activation.GrainId.Type}."
            : $"No storage provider named \"{name}\" found loading grain type {activation.GrainId.Type}.");
}
