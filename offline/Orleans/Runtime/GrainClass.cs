using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>What the runtime needs to know about a grain class, and how to make an instance.</summary>
internal sealed class GrainClass
{
    private readonly Type type;
    private readonly ObjectFactory construct;
    private readonly List<Func<Activation, IPersistentStateBridge>> states = [];

    public GrainClass(Type type)
    {
        this.type = type;
        Type = GrainType.Create(ConventionalName(type));
        Reentrant = type.IsDefined(typeof(ReentrantAttribute), true);
        Placement = type.GetCustomAttribute<PlacementAttribute>(true)?.PlacementStrategy ?? new RandomPlacement();
        var stateTypes = new List<Type>();
        foreach (var parameter in type.GetConstructors().SelectMany(constructor => constructor.GetParameters()))
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } attribute)
            {
                stateTypes.Add(parameter.ParameterType);
                states.Add(PersistentState.Factory(parameter.ParameterType, attribute));
            }
        }

        construct = ActivatorUtilities.CreateFactory(type, [.. stateTypes]);
    }

    public GrainType Type { get; }

    public string FullName => type.FullName!;

    public bool Reentrant { get; }

    public PlacementStrategy Placement { get; }

    public bool Implements(Type interfaceType) => interfaceType.IsAssignableFrom(type);

    /// <summary>Makes an instance on the activation's turn, with its persistent states still to be read.</summary>
    public object Create(Activation activation, out IReadOnlyList<IPersistentStateBridge> persistentStates)
    {
        var made = states.ConvertAll(state => state(activation));
        persistentStates = made;
        return construct(activation.ActivationServices, [.. made]);
    }

    private static string ConventionalName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name;
    }
}
