using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>The base of proxies: names a grain and sends its calls. Equal when the grain is the same.</summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference>
{
    private static readonly ConcurrentDictionary<Type, bool> Checked = new();

    private Messenger messenger = null!;

    public GrainId GrainId { get; private set; }

    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}";

    internal static GrainReference Create(Type interfaceType, Messenger sender, GrainId grainId)
    {
        Checked.GetOrAdd(interfaceType, static type => type.IsInterface
            ? new[] { type }.Concat(type.GetInterfaces()).SelectMany(one => one.GetMethods()).Select(GrainMethod.Of)
                .All(method => method is not null)
            : throw new ArgumentException($"{type} is not a grain interface."));
        var reference = (GrainReference)Create(interfaceType, typeof(GrainReference));
        (reference.messenger, reference.GrainId) = (sender, grainId);
        return reference;
    }

    // A reference outlives the silo or client it was made by.
    internal Task<T> Send<T>(Call<T> call)
    {
        if (messenger.Closed)
        {
            messenger = messenger.Cluster.InPlaceOf(messenger);
        }

        return (RuntimeContext.Current?.Silo.Messenger ?? messenger).Send(GrainId, call);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        GrainMethod.Of(targetMethod!).Start(this, args!);
}
