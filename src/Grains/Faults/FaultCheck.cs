using CoMiGS.Grains.Experiments;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Grains.Faults;

/// <summary>Everything about a line of a fault plan that can be checked before the run.</summary>
internal static class FaultCheck
{
    /// <summary>One sentence per problem.</summary>
    /// <param name="key">Of the rule in the run file.</param>
    /// <param name="method">Null: not known.</param>
    public static IEnumerable<string> Problems(string key, FaultRule rule, RunSpec spec, Method? method)
    {
        if (rule.Kind is not { } kind)
        {
            return [$"{key}.kind is missing."];
        }

        return
        [
            .. SpecCheck.RangeProblems(key, rule),
            .. rule.Users.Where(user => !kind.ConcernsUsers() || spec.Users.All(other => other.Id != user))
                .Select(user => kind.ConcernsUsers()
                    ? $"{key}.users names '{user}', but the run has no such user."
                    : $"{key}.users names '{user}', but {kind.Name()} does not concern users."),
            .. rule.Rounds.Where(round => round < 1 || round > spec.Rounds)
                .Select(round => $"{key}.rounds has {round}, but must be between 1 and {spec.Rounds}."),
            .. Belongs($"{key}.factor", rule.Factor, kind is FaultKind.Slow or FaultKind.Scale, kind),
            .. Belongs($"{key}.seconds", rule.Seconds, kind is FaultKind.Delay, kind),
            .. Belongs($"{key}.silo", rule.Silo, kind is FaultKind.KillSilo, kind),
            .. If(
                kind != FaultKind.Delay && rule.Spread != 0,
                $"{key}.spread is {rule.Spread}, but {kind.Name()} has none."),
            .. If(
                kind != FaultKind.KillSilo && rule.Back != new FaultRule().Back,
                $"{key}.back is {rule.Back}, but {kind.Name()} has none."),
            .. If(kind == FaultKind.Slow && rule.Factor < 1, $"{key}.factor is {rule.Factor}, but must be at least 1."),
            // Whoever trains on everybody's text is no device's user, whatever the file says of devices.
            .. If(
                kind == FaultKind.Slow && method is not { PoolsData: true }
                    && spec.Users.All(user => user.Device is null),
                $"{key}.kind is slow, but users have no devices that could be."),
        ];
    }

    /// <summary>A kind has what it needs and nothing else.</summary>
    private static IEnumerable<string> Belongs(string key, IFormattable? value, bool wanted, FaultKind kind) =>
        wanted == value is not null ? []
        : wanted ? [$"{key} is missing; {kind.Name()} needs it."]
        : [Invariant($"{key} is {value}, but {kind.Name()} has none.")];

    private static IEnumerable<string> If(bool wrong, FormattableString problem) => wrong ? [Invariant(problem)] : [];

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
