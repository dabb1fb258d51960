using System.Collections.Immutable;
using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Results.RunFiles;

/// <summary>One run of one method out of a run file.</summary>
/// <param name="Label">Distinct within the file, e.g. fedavg or comigs-1g1s@own.</param>
/// <param name="Targets">What its users are measured on, in order of the file.</param>
/// <param name="WritesAdapters">Whether its users write their adapters when it ends.</param>
internal sealed record Arm(
    string Label, Method Method, ImmutableArray<string> Targets, RunSpec Spec, bool WritesAdapters)
{
    /// <summary>Sizes of a user's adapters in this arm.</summary>
    public AdapterShape ShapeOf(UserSpec user) => LocalPlans.ShapeOf(Spec, Method, user);
}

/// <summary>Expands a run file into arms: every method, and a method that trains on valid text once per target, because
/// its valid text comes from the target. The others train once and are measured on every target. An arm begins when the
/// one before it has finished.</summary>
internal static class Arms
{
    /// <summary>The main method on the main target comes first; it alone writes into <paramref name="output"/>
    /// itself.</summary>
    /// <param name="output">Folder of the results, absolute.</param>
    /// <exception cref="BadInputException">A method cannot run with these users, or the table of their devices cannot
    /// be used.</exception>
    public static ImmutableArray<Arm> Of(RunFile file, string output)
    {
        var plans =
            from name in file.Baselines.Prepend(file.Method).Distinct()
            let method = MethodCatalog.Named(name)
            let perTarget = method.TrainsOnValid && file.Targets.Length > 1
            from targets in perTarget ? file.Targets.Select(target => ImmutableArray.Create(target)) : [file.Targets]
            select (Label: perTarget ? $"{name}@{targets[0]}" : name, method, targets);
        var devices = file.Devices is { } section ? new DeviceProfiles(section, file.Seed) : null;
        var arms = ImmutableArray.CreateBuilder<Arm>();
        foreach (var (label, method, targets) in plans)
        {
            var folder = arms.Count == 0 ? output : Path.Combine(output, "arms", label);
            var spec = Checked(file, label, WithDevices(Spec(file, label, method, targets, folder), method, devices));
            spec = spec with { After = arms.LastOrDefault()?.Spec.Experiment };
            arms.Add(new(label, method, targets, spec, file.Adapters));
        }

        return arms.ToImmutable();
    }

    private static RunSpec Spec(
        RunFile file, string label, Method method, ImmutableArray<string> targets, string output)
    {
        var settings = file.SettingsOf(method.Name);
        return new()
        {
            Experiment = $"{file.Name}.{label.Replace('@', '.')}",   // '/' and '@' separate the parts of grain keys
            Method = method.Name,
            Seed = file.Seed,
            Rounds = method.Trains ? file.Rounds : 1,
            Base = file.Base,
            Training = settings.Training,
            Experts = settings.Experts,
            Router = settings.Router,
            Aggregation = settings.Aggregation,
            Evaluation = file.Evaluation,
            Round = file.Round,
            Faults = method.Trains ? file.Faults : [],
            Checkpoints = file.Checkpoints,
            Users = ArmUsers.Of(file, method, settings, targets),
            Output = output,
        };
    }

    /// <summary>A method whose users do not train, or not on their own devices, leaves nothing to simulate.</summary>
    private static RunSpec WithDevices(RunSpec spec, Method method, DeviceProfiles? devices)
    {
        if (devices is null)
        {
            return spec;
        }

        return method.Trains && !method.PoolsData
            ? spec with { Users = [.. spec.Users.Select(user => user with { Device = devices.Of(user.Id) })] }
            : spec with { Round = spec.Round with { Sampling = Sampling.Uniform, SimulatedDeadlineSeconds = null } };
    }

    private static RunSpec Checked(RunFile file, string label, RunSpec spec) =>
        SpecCheck.Problems(spec).FirstOrDefault() is { } problem
            ? throw new BadInputException($"{file.Source}: {label}: {problem}")
            : spec;
}
