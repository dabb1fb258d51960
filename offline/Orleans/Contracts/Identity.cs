using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>A key or type name with its hash, computed once.</summary>
[Immutable]
public readonly struct IdSpan : IEquatable<IdSpan>
{
    private readonly string? text;
    private readonly int hash;

    private IdSpan(string text) => (this.text, hash) = (text, string.GetHashCode(text));

    public static IdSpan Create(string id) => new(id);

    public bool Equals(IdSpan other) => hash == other.hash && text == other.text;

    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    public override int GetHashCode() => hash;

    public override string ToString() => text ?? "";

    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}

/// <summary>The name of a grain class: by convention its type name in lower case without "grain".</summary>
[Immutable]
public readonly record struct GrainType(IdSpan Value)
{
    public static GrainType Create(string value) => new(IdSpan.Create(value));

    public override string ToString() => Value.ToString();
}

/// <summary>Names one grain in the cluster; prints as "type/key".</summary>
[Immutable]
public readonly record struct GrainId(GrainType Type, IdSpan Key)
{
    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    public override string ToString() => $"{Type}/{Key}";
}

/// <summary>One incarnation of one silo: endpoint and generation.</summary>
[Immutable]
public sealed record SiloAddress : IComparable<SiloAddress>
{
    private SiloAddress(IPEndPoint endpoint, int generation) => (Endpoint, Generation) = (endpoint, generation);

    public IPEndPoint Endpoint { get; }

    public int Generation { get; }

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    public static SiloAddress FromParsableString(string addr)
    {
        var at = addr.LastIndexOf('@');
        return new(IPEndPoint.Parse(addr[..at]), int.Parse(addr.AsSpan(at + 1), CultureInfo.InvariantCulture));
    }

    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint}@{Generation}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"S{Endpoint}:{Generation}");

    public int CompareTo(SiloAddress? other) => string.CompareOrdinal(ToParsableString(), other?.ToParsableString());
}
