using System.Collections.Immutable;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>Who took part in a round, all in order of id.</summary>
/// <param name="Missing">Of the cohort, without a receipt in time, or with parameters that were lost.</param>
/// <param name="Users">Whose training counts: its state is the run's from now on.</param>
/// <param name="Generalist">Content hash of the new mean; null when the method shares nothing.</param>
internal sealed record RoundOutcome(
    ImmutableArray<UserReceipt> Receipts, ImmutableArray<string> Missing, ImmutableArray<string> Users,
    string? Generalist);
