using System.Collections.Immutable;
using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Driver.Comparing;

/// <summary>A run file taken apart: one method with one seed, a run file of its own. So a comparison that was stopped,
/// or to which a method or seed is added, runs only what is new, and another method's settings change
/// nothing.</summary>
/// <param name="Folder">Of the results, below the comparison's: SEED/METHOD.</param>
internal sealed record RunUnit(RunFile File, string Folder)
{
    /// <summary>Methods in the order of the file, the main one last, as in the paper's tables; of each, every
    /// seed.</summary>
    public static ImmutableArray<RunUnit> Of(RunFile file, ImmutableArray<ulong> seeds) =>
    [
        .. from method in MethodsOf(file)
           from seed in seeds
           select new RunUnit(Only(file, method, seed), Path.Combine($"seed-{seed}", method)),
    ];

    public static ImmutableArray<string> MethodsOf(RunFile file) =>
        [.. file.Baselines.Where(method => method != file.Method).Distinct().Append(file.Method)];

    /// <summary>A unit's name must be one that can be read back from its results.</summary>
    /// <param name="name">The run file's own, which a twin's differs from.</param>
    /// <exception cref="BadInputException">The names that are made of it are too long; says how long it may be.
    /// </exception>
    public static void RequireNames(RunFile file, ImmutableArray<ulong> seeds, string name)
    {
        var longest = Of(file, seeds).Select(unit => unit.File.Name).MaxBy(made => made.Length)!;
        if (!RunFileReader.IsName(longest))
        {
            throw new BadInputException(
                $"{file.Source}: 'name' is '{name}' with {name.Length} characters, but must have at most "
                + $"{RunFileReader.LongestName - longest.Length + name.Length} here, where '{longest}' is made of it.");
        }
    }

    private static RunFile Only(RunFile file, string name, ulong seed)
    {
        var settings = file.SettingsOf(name);
        var counts = MethodCatalog.Named(name).Experts;
        var count = counts == ExpertCounts.Two ? 2 : settings.Experts.Count;
        return file with
        {
            Name = $"{file.Name}.{name}.{seed}",
            Seed = seed,
            Method = name,
            Baselines = [],
            Experts = settings.Experts with { Count = count },
            Training = settings.Training,
            Router = settings.Router,
            Aggregation = settings.Aggregation,
            Methods = ImmutableSortedDictionary<string, MethodSettings>.Empty,
            // Who brings its own number of experts as a baseline does so here, too.
            Users = counts is ExpertCounts.Two or ExpertCounts.Same
                ? [.. file.Users.Select(user => user with { Experts = null })]
                : file.Users,
        };
    }
}
