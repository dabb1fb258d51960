using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Grains.Rounds;

/// <summary>The manifest of a run: where it stands, and which state of every user belongs to it. Stored at the end of
/// each round, after everything it names; going on after a crash starts from here and nowhere else.</summary>
[GenerateSerializer, Alias("comigs.RunProgress")]
public sealed record RunProgress
{
    /// <summary>Rounds committed.</summary>
    [Id(1)] public int NextRound { get; init; }

    /// <summary>Content hash of the generalists the next round starts from; null when the method shares
    /// nothing.</summary>
    [Id(2)] public string? Generalist { get; init; }

    /// <summary>Per user of the spec: the round whose end left its state; -1 = none.</summary>
    [Id(3)] public ImmutableArray<int> Versions { get; init; } = [];

    /// <summary>Tokens that went forward and backward so far.</summary>
    [Id(4)] public long TrainedTokens { get; init; }

    [Id(5)] public double TrainingSeconds { get; init; }

    [Id(6)] public long BytesSent { get; init; }

    [Id(8)] public long BytesAcrossSilos { get; init; }

    /// <summary>The virtual clock: how long the rounds would have taken on the users' devices; 0 where they have
    /// none.</summary>
    [Id(9)] public double SimulatedSeconds { get; init; }

    /// <summary>Per user of the spec: rounds it took part in. Empty where there is no virtual clock.
    /// </summary>
    [Id(10)] public ImmutableArray<int> RoundsTaken { get; init; } = [];

    /// <summary>Per user of the spec: rounds for which its device was too slow. Empty where there is no virtual
    /// clock.</summary>
    [Id(11)] public ImmutableArray<int> RoundsLate { get; init; } = [];

    /// <summary>The generalists of the manifests before this one that are kept, newest last.</summary>
    [Id(12)] public ImmutableArray<string> EarlierGeneralists { get; init; } = [];

    /// <summary>How often the run has come back to life. Sums are those of one life: a round that is repeated is not
    /// mistaken for the one whose sum a silo has closed.</summary>
    [Id(13)] public int Life { get; init; }

    /// <summary>Rounds committed as of the oldest manifest, of so many that are kept.</summary>
    public int OldestManifest(int keep) => Math.Max(0, NextRound + 1 - keep);

    /// <summary>Of this manifest and of those before it that are kept, newest last.</summary>
    internal IEnumerable<string> Generalists =>
        Generalist is { } hash ? EarlierGeneralists.Append(hash) : EarlierGeneralists;

    /// <summary>This manifest, with the generalists of those before it that are kept.</summary>
    internal RunProgress Remembering(RunProgress before, int keep) => this with
    {
        EarlierGeneralists =
        [
            .. before.Generalists.TakeLast(keep - 1),
        ],
    };

    /// <param name="index">Of the user in the spec.</param>
    public int VersionOf(int index) => Versions[index];

    /// <summary>Rounds whose steps count towards the router's next phase, where users have devices.</summary>
    /// <param name="index">Of the user in the spec.</param>
    public int RoundsOf(int index) => RoundsTaken.IsEmpty ? 0 : RoundsTaken[index] + RoundsLate[index];

    /// <param name="index">Of the user in the spec.</param>
    public int LateRoundsOf(int index) => RoundsLate.IsEmpty ? 0 : RoundsLate[index];

    /// <summary>The manifest before the first round.</summary>
    internal static RunProgress Start(RunSpec spec) => new() { Versions = [.. spec.Users.Select(_ => -1)] };

    /// <summary>The manifest after a round.</summary>
    internal RunProgress After(
        RoundOutcome outcome, ImmutableArray<UserSpec> users, double trainingSeconds, SimulatedRound? simulated) =>
        After(outcome.Changed, users, simulated) with
        {
            Generalist = outcome.Generalist,
            TrainedTokens = TrainedTokens + outcome.Receipts.Sum(receipt => receipt.Tokens),
            TrainingSeconds = TrainingSeconds + trainingSeconds,
            BytesSent = BytesSent + outcome.Receipts.Sum(receipt => receipt.BytesSent),
            BytesAcrossSilos = BytesAcrossSilos + outcome.BytesAcrossSilos,
        };

    /// <summary>Whose state counts after a round, and the virtual clock.</summary>
    internal RunProgress After(
        IEnumerable<string> tookPart, ImmutableArray<UserSpec> users, SimulatedRound? simulated)
    {
        int[] took = [.. tookPart.Select(id => IndexOf(users, id))];
        var next = this with
        {
            NextRound = NextRound + 1,
            Versions = Changed(Versions, took, _ => NextRound),
        };
        return simulated is null
            ? next
            : next with
            {
                SimulatedSeconds = simulated.EndSeconds,
                RoundsTaken = Changed(RoundsTaken, took, rounds => rounds + 1),
                RoundsLate = Changed(
                    RoundsLate, simulated.Late.Concat(simulated.Surplus).Select(user => IndexOf(users, user.User)),
                    rounds => rounds + 1),
            };
    }

    /// <summary>The figures of all users, 0 at first, changed for some.</summary>
    private ImmutableArray<int> Changed(ImmutableArray<int> figures, IEnumerable<int> users, Func<int, int> change)
    {
        var changed = figures.IsEmpty ? new int[Versions.Length] : [.. figures];
        foreach (var user in users)
        {
            changed[user] = change(changed[user]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(changed);
    }

    /// <summary>Of a user of the spec, which is in order of id; negative: there is none.</summary>
    internal static int IndexOf(ImmutableArray<UserSpec> users, string id) =>
        users.AsSpan().BinarySearch(new ById(id));

    private readonly struct ById(string id) : IComparable<UserSpec>
    {
        public int CompareTo(UserSpec? other) => string.CompareOrdinal(id, other!.Id);
    }
}
