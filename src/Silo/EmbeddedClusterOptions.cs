using Microsoft.Extensions.Logging;

namespace CoMiGS.Silo;

/// <summary>A cluster inside this process.</summary>
public sealed record EmbeddedClusterOptions
{
    public required SiloSettings Silo { get; init; }

    /// <summary>Silos, at least 1. They share the device; results do not depend on how many there are.</summary>
    public int SiloCount { get; init; } = 1;

    /// <summary>Where log lines go; nowhere when null.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>Further configuration of every silo (telemetry, other stores); runs before <c>AddCoMiGS</c>.</summary>
    public Action<ISiloBuilder>? Configure { get; init; }
}
