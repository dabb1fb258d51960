using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Grains.Experiments;

/// <summary>Everything about a spec that can be checked without opening a file.</summary>
public static class SpecCheck
{
    /// <exception cref="ExperimentFailedException">The spec cannot run; one sentence names the key, the value and the
    /// limit.</exception>
    public static void Require(RunSpec spec, string key)
    {
        if (Problems(spec).Concat(spec.Experiment == key ? [] : [$"experiment is '{spec.Experiment}', not '{key}'."])
            .FirstOrDefault() is { } problem)
        {
            throw new ExperimentFailedException($"Run '{key}': {problem}");
        }
    }

    /// <summary>One sentence per problem; none when the spec can run.</summary>
    public static IEnumerable<string> Problems(RunSpec spec)
    {
        var method = MethodCatalog.All.FirstOrDefault(method => method.Name == spec.Method);
        return
        [
            .. IdProblems("experiment", spec.Experiment),
            .. If(method is null, $"method '{spec.Method}' is not known."),
            .. If(spec.Rounds < 1, $"rounds is {spec.Rounds}, but must be at least 1."),
            .. RangeProblems("training", spec.Training),
            .. RangeProblems("experts", spec.Experts),
            .. RangeProblems("router", spec.Router),
            .. RangeProblems("evaluation", spec.Evaluation),
            .. RangeProblems("round", spec.Round),
            .. RangeProblems("aggregation", spec.Aggregation),
            .. RangeProblems("checkpoints", spec.Checkpoints),
            .. If(spec.Users.IsEmpty, "users is empty, but a run needs at least one."),
            .. spec.Users.SelectMany(user => UserProblems(user, method)),
            .. OrderProblems(spec),
            .. RoundProblems(spec),
            .. spec.Faults.SelectMany((rule, index) => FaultCheck.Problems(
                $"faults[{index + 1}]", rule, spec, method)),
            .. method is null || spec.Users.IsEmpty ? [] : SharingProblems(spec, method),
            .. method is null ? [] : RobustnessCheck.Problems(spec, method),
        ];
    }

    private static IEnumerable<string> UserProblems(UserSpec user, Method? method)
    {
        var key = $"users.{user.Id}";
        var experts = method?.Experts.Of(user.Experts, user.Experts, user.MlpRank).Experts ?? user.Experts;
        return
        [
            .. IdProblems("users.id", user.Id),
            .. Whole($"{key}.experts", user.Experts, 8),
            .. If(
                user.Experts != experts,
                $"{key}.experts is {user.Experts}, but method '{method?.Name}' has {experts}."),
            .. Whole($"{key}.mlpRank", user.MlpRank, 8192),
            .. Whole($"{key}.attentionRank", user.AttentionRank, 1024),
            .. Whole($"{key}.localSteps", user.LocalSteps, 100_000),
            .. Whole($"{key}.microBatch", user.MicroBatch, 4096),
            .. Whole($"{key}.accumulation", user.Accumulation, int.MaxValue),
            .. Share($"{key}.weight", user.Weight),
            .. If(user.Train.IsEmpty, $"{key}.train is empty, but must name at least one shard."),
            .. user.Train.SelectMany(text => Share($"{key}.train.share", text.Share)),
            .. If(
                user.Holdout is not (>= 0 and <= 0.5),
                Invariant($"{key}.holdout is {user.Holdout}, but must be between 0 and 0.5.")),
            .. If(
                user.Valid.IsEmpty && method?.TrainsOnValid == true,
                $"{key}.valid is empty, but method '{method?.Name}' trains on it."),
            .. user.Device is { } device ? DeviceProblems($"{key}.device", device) : [],
            .. If(
                user.SamplingWeight is not (> 0 and < double.PositiveInfinity),
                Invariant($"{key}.samplingWeight is {user.SamplingWeight}, but must be above 0.")),
            .. If(user.Targets.IsEmpty, $"{key}.targets is empty, but a user is measured on at least one."),
            .. user.Targets.SelectMany(target => TargetProblems($"{key}.targets.{target.Name}", target, user)),
        ];
    }

    private static IEnumerable<string> Whole(string key, int value, int most) =>
        If(value < 1 || value > most, $"{key} is {value}, but must be between 1 and {most}.");

    private static IEnumerable<string> Share(string key, double value) =>
        If(value is not (> 0 and <= 1), Invariant($"{key} is {value}, but must be above 0 and at most 1."));

    private static IEnumerable<string> TargetProblems(string key, TargetSpec target, UserSpec user) =>
    [
        .. If(target.Shards.IsEmpty, $"{key}.shards is empty, but must name at least one file."),
        .. If(target.IsHoldout && user.Holdout <= 0, $"{key} is the holdout, but the user's holdout is 0."),
    ];

    private static IEnumerable<string> If(bool wrong, string problem) => wrong ? [problem] : [];

    private static IEnumerable<string> OrderProblems(RunSpec spec) => spec.Users
        .Zip(spec.Users.Skip(1))
        .Where(pair => string.CompareOrdinal(pair.First.Id, pair.Second.Id) >= 0)
        .Select(pair => $"users '{pair.First.Id}' and '{pair.Second.Id}' are equal or not in order.");

    private static IEnumerable<string> RoundProblems(RunSpec spec)
    {
        var devices = spec.Users.Any(user => user.Device is not null);
        var without = spec.Users.FirstOrDefault(user => user.Trains && user.Device is null);
        return
        [
            .. If(
                spec.Round is { Cohort: > 0, CohortFraction: > 0 },
                Invariant($"round.cohort is {spec.Round.Cohort} and round.cohortFraction {spec.Round.CohortFraction}, ")
                    + "but only one of them can say how many users take part."),
            .. If(devices && without is not null, $"user '{without?.Id}' has no device, but others have."),
            .. If(
                !devices && spec.Round.Sampling == Sampling.Availability,
                "round.sampling is availability, but users have no devices."),
            .. If(
                !VirtualClock.IsNeeded(spec) && spec.Round.SimulatedDeadlineSeconds is not null,
                Invariant($"round.simulatedDeadlineSeconds is {spec.Round.SimulatedDeadlineSeconds}, ")
                    + "but users have no devices, and no fault delays them."),
        ];
    }

    private static IEnumerable<string> DeviceProblems(string key, DeviceSpec device) =>
    [
        .. Speed($"{key}.flops", device.Flops),
        .. Speed($"{key}.downBytesPerSecond", device.DownBytesPerSecond),
        .. Speed($"{key}.upBytesPerSecond", device.UpBytesPerSecond),
        .. If(
            device.LatencySeconds is not (>= 0 and < double.PositiveInfinity),
            Invariant($"{key}.latencySeconds is {device.LatencySeconds}, but must be at least 0.")),
        .. If(
            device.Availability is not (>= 0 and <= 1),
            Invariant($"{key}.availability is {device.Availability}, but must be between 0 and 1.")),
        .. If(
            device.Hours is < 0 or > DeviceSpec.AllHours,
            $"{key}.hours is {device.Hours}, but must be between 0 and {DeviceSpec.AllHours}."),
    ];

    private static IEnumerable<string> Speed(string key, double value) => If(
        value is not (> 0 and < double.PositiveInfinity), Invariant($"{key} is {value}, but must be above 0."));

    /// <summary>What is averaged has to be the same parameters for everybody, up to the rank where the rule can do with
    /// different ones.</summary>
    private static IEnumerable<string> SharingProblems(RunSpec spec, Method method)
    {
        var first = spec.Users[0];
        var averagesProducts = spec.Aggregation.Averages == Averaged.Products;
        var shares = method.Sharing != Sharing.Nothing;
        var hasOwnRule = method.Reception != Reception.Copy
            || method.Aggregation is AggregationRule.ZeroPad or AggregationRule.Stack;
        var sharesOneFactor = method.Sharing is Sharing.FactorA or Sharing.FactorB;
        var mixesRanks = ServerRule.Of(spec, method) switch
        {
            AggregationRule.ZeroPad or AggregationRule.Product => true,
            // A component that no user of a round has comes back empty, which half an adapter could not tell.
            AggregationRule.Median or AggregationRule.TrimmedMean => !sharesOneFactor,
            _ => false,
        };
        var withRanks = hasOwnRule || sharesOneFactor
            ? "method " + MethodCatalog.NamesOf(
                other => other.Aggregation is AggregationRule.ZeroPad or AggregationRule.Product)
            : "'aggregation: { averages: products }'";
        var together = CohortSampler.AskedOf(spec.Round, spec.Users.Count(user => user.Trains));
        return
        [
            .. If(
                shares && together > FixedPointSum.CountLimit,
                Invariant($"round.cohort lets {together} users take part in a round, but a mean is over at most ")
                    + $"{FixedPointSum.CountLimit}."),
            .. spec.Users
                .Where(user => shares && !mixesRanks
                    && (user.MlpRank, user.AttentionRank) != (first.MlpRank, first.AttentionRank))
                .Select(user => $"users '{first.Id}' and '{user.Id}' have mlpRank {first.MlpRank} and {user.MlpRank}, "
                    + $"attentionRank {first.AttentionRank} and {user.AttentionRank}, but method '{method.Name}' "
                    + $"averages them; ranks can differ with {withRanks}."),
            .. spec.Users
                .Where(user => shares && method.Sharing != Sharing.Generalist && user.Experts != first.Experts)
                .Select(user => $"users '{first.Id}' and '{user.Id}' have {first.Experts} and {user.Experts} experts, "
                    + $"but method '{method.Name}' averages them; they can differ with method "
                    + $"{MethodCatalog.NamesOf(other => other.Experts == ExpertCounts.PerUser)}."),
            .. If(
                averagesProducts && sharesOneFactor,
                $"aggregation.averages is products, but method '{method.Name}' shares one factor only."),
            .. If(
                averagesProducts && hasOwnRule,
                $"aggregation.averages is products, but method '{method.Name}' has a rule of its own."),
            .. If(
                spec.Aggregation.Weights == UserWeights.Tokens
                    && method.Aggregation is AggregationRule.ZeroPad or AggregationRule.Stack,
                $"aggregation.weights is tokens, but method '{method.Name}' weighs users in a way of its own."),
            .. If(!spec.Users.Any(user => user.Trains), "no user trains."),
        ];
    }

    /// <summary>Ids become parts of grain keys and of file names.</summary>
    private static IEnumerable<string> IdProblems(string key, string id) =>
        id.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(id[0])
            && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
            ? []
            : [$"{key} '{id}' must begin with a letter or digit and go on with these, '.', '_' or '-', at most 100."];

    internal static IEnumerable<string> RangeProblems(string section, object options) =>
        from property in options.GetType().GetProperties()
        let range = property.GetCustomAttribute<RangeAttribute>()
        where range is not null && property.GetValue(options) is { } value && !range.IsValid(value)
        let name = JsonNamingPolicy.CamelCase.ConvertName(property.Name)
        select Invariant($"{section}.{name} is {property.GetValue(options)}, ")
            + Invariant($"but must be between {range.Minimum} and {range.Maximum}.");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
