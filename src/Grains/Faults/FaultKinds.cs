using System.Text.Json;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Faults;

/// <summary>What kinds of faults have in common.</summary>
public static class FaultKinds
{
    /// <summary>As in a run file.</summary>
    public static string Name(this FaultKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    public static bool ConcernsUsers(this FaultKind kind) =>
        kind is not (FaultKind.KillSilo or FaultKind.LoseAggregator);

    /// <summary>Whether nothing that counts arrives of a user.</summary>
    public static bool Silences(this FaultKind kind) => kind is FaultKind.DropBefore or FaultKind.DropDuring
        or FaultKind.DropAfter or FaultKind.FailWrite or FaultKind.TearWrite
        or FaultKind.NotANumber or FaultKind.WrongShape;

    /// <summary>Whether it only takes time, of the virtual clock.</summary>
    public static bool TakesTime(this FaultKind kind) => kind is FaultKind.Delay or FaultKind.Slow;
}
