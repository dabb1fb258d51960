namespace CoMiGS.Interfaces.Experiments;

/// <summary>What a user computes and sends with, on the virtual clock.</summary>
[GenerateSerializer, Immutable, Alias("comigs.DeviceSpec")]
public sealed record DeviceSpec
{
    /// <summary>All hours of a day, see <see cref="Hours"/>.</summary>
    public const int AllHours = (1 << 24) - 1;

    /// <summary>Name of the kind of device, for tables.</summary>
    [Id(0)] public required string Class { get; init; }

    /// <summary>FLOP/s that training gets, above 0.</summary>
    [Id(1)] public required double Flops { get; init; }

    /// <summary>From the server, above 0.</summary>
    [Id(2)] public required double DownBytesPerSecond { get; init; }

    /// <summary>To the server, above 0.</summary>
    [Id(3)] public required double UpBytesPerSecond { get; init; }

    /// <summary>Before either transfer, at least 0.</summary>
    [Id(4)] public required double LatencySeconds { get; init; }

    /// <summary>Probability, drawn from (seed, user, round, virtual hour), that it is available when it may be, in
    /// [0, 1].</summary>
    [Id(5)] public required double Availability { get; init; }

    /// <summary>When it may be available: bit h is the hour from h to h + 1 of every virtual day; a run begins at
    /// hour 0.</summary>
    [Id(6)] public required int Hours { get; init; }
}
