using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Grains.Faults;

/// <summary>Which faults befall whom in which round: a function of (seed, kind, round, user), whoever asks. Of two
/// rules of the same kind each has draws of its own; rules of other kinds change nothing. What could only befall
/// something that is sent befalls nobody whose method shares nothing.</summary>
public sealed class FaultPlan
{
    private static readonly ulong Purpose = Randomness.Key("fault");
    private static readonly ulong LengthPurpose = Randomness.Key("fault length");

    private readonly ulong seed;
    private readonly List<Rule> rules = [];

    public FaultPlan(RunSpec spec)
    {
        seed = spec.Seed;
        var isSending = MethodCatalog.Named(spec.Method).Sharing != Sharing.Nothing;
        foreach (var rule in spec.Faults.Where(rule => isSending || !rule.Kind!.Value.IsOfTransfer()))
        {
            var before = rules.Count(other => other.Kind == rule.Kind);
            rules.Add(new(
                rule.Kind!.Value, rule, Randomness.Key($"{rule.Kind} {before}"),
                rule.Users.ToHashSet(StringComparer.Ordinal), [.. rule.Rounds]));
        }
    }

    public bool IsEmpty => rules.Count == 0;

    /// <summary>What befalls a user, in order of kind.</summary>
    /// <param name="round">0-based.</param>
    public IEnumerable<FaultKind> Of(int round, string user) => rules.Count == 0
        ? []
        : rules.Where(rule => rule.Kind.ConcernsUsers() && Strikes(rule, round, user))
            .Select(rule => rule.Kind).Distinct().Order();

    /// <summary>Whether a fault befalls a user.</summary>
    /// <param name="round">0-based.</param>
    public bool Has(FaultKind kind, int round, string user) => Find(kind, round, user) is not null;

    /// <summary>The rule by which a fault befalls a user; null: none.</summary>
    /// <param name="round">0-based.</param>
    public FaultRule? Find(FaultKind kind, int round, string user) =>
        rules.Find(rule => rule.Kind == kind && Strikes(rule, round, user))?.Given;

    /// <summary>Whether a fault befalls the server.</summary>
    /// <param name="round">0-based.</param>
    public bool Has(FaultKind kind, int round) => Find(kind, round, "") is not null;

    /// <summary>Silos, from 1, that are dead during a round.</summary>
    /// <param name="round">0-based.</param>
    public IReadOnlySet<int> DeadSilos(int round)
    {
        var dead = new HashSet<int>();
        foreach (var rule in rules.Where(rule => rule.Kind == FaultKind.KillSilo))
        {
            var first = rule.Given.Back == 0 ? 0 : Math.Max(0, round - rule.Given.Back + 1);
            if (Enumerable.Range(first, round - first + 1).Any(killed => Strikes(rule, killed, "")))
            {
                dead.Add(rule.Given.Silo!.Value);
            }
        }

        return dead;
    }

    /// <summary>Whether nothing that counts arrives of a user.</summary>
    /// <param name="round">0-based.</param>
    public bool IsSilent(int round, string user) => Of(round, user).Any(kind => kind.Silences());

    /// <summary>What a user's answer takes longer, in seconds of the virtual clock.</summary>
    /// <param name="round">0-based.</param>
    public double DelaySeconds(int round, string user) => rules
        .Where(rule => rule.Kind == FaultKind.Delay && Strikes(rule, round, user))
        .Sum(rule => rule.Given.Seconds!.Value * Math.Exp(rule.Given.Spread
            * Randomness.Of(seed, LengthPurpose, rule.Key, (ulong)round, Randomness.Key(user)).NextNormal()));

    /// <summary>How many times as long a user's device computes.</summary>
    /// <param name="round">0-based.</param>
    public double Slowness(int round, string user) => rules
        .Where(rule => rule.Kind == FaultKind.Slow && Strikes(rule, round, user))
        .Aggregate(1.0, (product, rule) => product * rule.Given.Factor!.Value);

    private bool Strikes(Rule rule, int round, string user) =>
        (rule.Rounds.Count == 0 || rule.Rounds.Contains(round + 1))
        && (rule.Users.Count == 0 || rule.Users.Contains(user))
        && Randomness.Uniform(seed, Purpose, rule.Key, (ulong)round, Randomness.Key(user)) < rule.Given.Probability;

    private sealed record Rule(
        FaultKind Kind, FaultRule Given, ulong Key, HashSet<string> Users, HashSet<int> Rounds);
}
