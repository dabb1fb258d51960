using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace CoMiGS.Results.RunFiles;

/// <summary>What users compute and send with, on the virtual clock: classes of devices, or a table with every user's
/// own.</summary>
internal sealed record DevicesSection
{
    /// <summary>CSV with a row per user, see <see cref="DeviceTable"/>. Relative to the run file.</summary>
    public string? File { get; init; }

    /// <summary>By name. Which class a user is of is drawn from (seed, user).</summary>
    public ImmutableSortedDictionary<string, DeviceClass>? Classes { get; init; }
}

/// <summary>A kind of device. Speeds are medians: a user's own are these times e^(spread z), each with a standard
/// normal z of its own, drawn from (seed, user).</summary>
internal sealed record DeviceClass
{
    public const double LeastFlops = 1e6;
    public const double MostFlops = 1e18;
    public const double LeastBytes = 1;
    public const double MostBytes = 1e15;
    public const double MostLatency = 1e6;

    /// <summary>Users of this class, relative to the others' shares.</summary>
    [Range(1e-9, 1e9)] public double Share { get; init; } = 1;

    /// <summary>FLOP/s that training gets. Has no default.</summary>
    [Range(LeastFlops, MostFlops)] public double? Flops { get; init; }

    /// <summary>From the server. Has no default.</summary>
    [Range(LeastBytes, MostBytes)] public double? DownBytesPerSecond { get; init; }

    /// <summary>To the server. Has no default.</summary>
    [Range(LeastBytes, MostBytes)] public double? UpBytesPerSecond { get; init; }

    /// <summary>Before either transfer.</summary>
    [Range(0, MostLatency)] public double LatencySeconds { get; init; }

    /// <summary>Standard deviation of the logarithm of each speed; 0 = all alike.</summary>
    [Range(0, 3)] public double Spread { get; init; }

    /// <summary>See <see cref="AvailabilityText"/>.</summary>
    public string Availability { get; init; } = "1";
}
