using System.Collections.Immutable;

namespace CoMiGS.Interfaces.Rounds;

/// <summary>A round on the virtual clock. Seconds of that clock, not of any real one.</summary>
[GenerateSerializer, Immutable, Alias("comigs.SimulatedRound")]
public sealed record SimulatedRound
{
    /// <summary>When it began, since the run's start.</summary>
    [Id(0)] public required double StartSeconds { get; init; }

    /// <summary>Part of <see cref="Seconds"/> in which no device was available.</summary>
    [Id(1)] public required double WaitedSeconds { get; init; }

    /// <summary>To its end: the last answer that is waited for, or the deadline if one does not come.</summary>
    [Id(2)] public required double Seconds { get; init; }

    /// <summary>Who took part, in order of id.</summary>
    [Id(3)] public required ImmutableArray<SimulatedUser> Users { get; init; }

    /// <summary>Who would have answered after the deadline, in order of id; they did not train.</summary>
    [Id(4)] public required ImmutableArray<SimulatedUser> Late { get; init; }

    /// <summary>Who would have answered after enough others had, in order of id; they did not train.</summary>
    [Id(5)] public ImmutableArray<SimulatedUser> Surplus { get; init; } = [];

    /// <summary>Since the run's start.</summary>
    public double EndSeconds => StartSeconds + Seconds;
}

/// <param name="Seconds">Its device needs from its ticket to the arrival of what it sends.</param>
[GenerateSerializer, Immutable, Alias("comigs.SimulatedUser")]
public sealed record SimulatedUser([property: Id(0)] string User, [property: Id(1)] double Seconds);
