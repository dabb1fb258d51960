namespace Orleans.Runtime;

/// <summary>The base of proxies: names a grain and sends its calls. Equal when the grain is the same.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private Messenger messenger = null!;

    public GrainId GrainId { get; private set; }

    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}";

    internal GrainReference Bind(Messenger sender, GrainId grainId)
    {
        (messenger, GrainId) = (sender, grainId);
        return this;
    }

    // Called by emitted proxies. A reference outlives the silo or client it was made by.
    internal Task<T> Send<T>(Call<T> call)
    {
        if (messenger.Closed)
        {
            messenger = messenger.Cluster.InPlaceOf(messenger);
        }

        return (RuntimeContext.Current?.Silo.Messenger ?? messenger).Send(GrainId, call);
    }

    internal IAsyncEnumerable<T> Stream<T>(StreamRequest<T> request) => request.Bind(this);
}
