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

    /// <summary>Whether it befalls what users send, or whoever puts that together.</summary>
    public static bool IsOfTransfer(this FaultKind kind) => kind is FaultKind.LoseUpload or FaultKind.DuplicateUpload
        or FaultKind.NotANumber or FaultKind.WrongShape or FaultKind.Scale or FaultKind.FlipSign
        or FaultKind.LoseAggregator;

    /// <summary>Whether nothing that counts arrives of a user.</summary>
    public static bool Silences(this FaultKind kind) => kind is FaultKind.DropBefore or FaultKind.DropDuring
        or FaultKind.DropAfter or FaultKind.LoseUpload or FaultKind.FailWrite or FaultKind.TearWrite
        or FaultKind.NotANumber or FaultKind.WrongShape;

    /// <summary>Whether it keeps another planned fault of the same user and round from happening: who does not get its
    /// ticket meets nothing else, and of who disappears while it trains nothing arrives.</summary>
    public static bool Forestalls(this FaultKind kind, FaultKind other) => kind switch
    {
        FaultKind.DropBefore => other is not FaultKind.DropBefore,
        FaultKind.DropDuring => other is FaultKind.DropAfter or FaultKind.LoseUpload or FaultKind.DuplicateUpload
            or FaultKind.NotANumber or FaultKind.WrongShape or FaultKind.Scale or FaultKind.FlipSign
            or FaultKind.FailWrite or FaultKind.TearWrite,
        _ => false,
    };

    /// <summary>Whether it only takes time, of the virtual clock.</summary>
    public static bool TakesTime(this FaultKind kind) => kind is FaultKind.Delay or FaultKind.Slow;
}
