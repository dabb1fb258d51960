using System.Collections.Immutable;
using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Comparing;

/// <summary>One RUN of the command line: a run file to run, or results that are there.</summary>
/// <param name="Label">In tables and folder names.</param>
/// <param name="Main">Its main method.</param>
/// <param name="RunFile">The resolved run file, as text.</param>
/// <param name="File">To be run; null where there are results.</param>
/// <param name="Seeds">To run it with.</param>
/// <param name="Finished">The results; null where there is a run file.</param>
internal sealed record ComparedSource(
    string Label, string Main, string RunFile, RunFile? File, ImmutableArray<ulong> Seeds, FinishedRun? Finished)
{
    /// <param name="settings">Laid over a run file.</param>
    /// <param name="seeds">Empty: the file's own.</param>
    /// <exception cref="BadInputException">Neither a run file nor finished results, or not to be run.</exception>
    public static ComparedSource Read(string path, IEnumerable<string> settings, ImmutableArray<ulong> seeds)
    {
        if (Directory.Exists(path))
        {
            var finished = FinishedRun.Read(path);
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
            return new(name, finished.Summary.Method, finished.RunFile, null, [], finished);
        }

        var file = RunFileReader.Read(path, settings);
        seeds = seeds.IsEmpty ? [file.Seed] : seeds;
        RunUnit.RequireNames(file, seeds, file.Name);
        InputCheck.Check(file, [.. RunUnit.Of(file, seeds).SelectMany(unit => Arms.Of(unit.File, output: "/"))]);
        return new(file.Name, file.Method, YamlWriter.Write(file), file, seeds, null);
    }

    /// <param name="settings">And seeds: for run files only.</param>
    /// <exception cref="BadInputException">They cannot stand in one table.</exception>
    public static void CheckTogether(
        IReadOnlyCollection<ComparedSource> sources, IReadOnlyCollection<string> settings, ImmutableArray<ulong> seeds)
    {
        if (sources.GroupBy(source => source.Label).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new BadInputException(
                $"two runs are called '{twice.Key}'; a table needs different names (--out of run names the folder).");
        }

        var forRunFiles = !seeds.IsEmpty ? "--seeds" : settings.Count > 0 ? "--set" : null;
        if (forRunFiles is not null && sources.All(source => source.File is null))
        {
            throw new BadInputException($"{forRunFiles} is for run files, but there are only folders of results.");
        }
    }
}

/// <summary>Results and what they came from.</summary>
internal sealed record LabelledRun(ComparedSource Source, FinishedRun Run);

/// <summary>comparison.json.</summary>
/// <param name="Differences">Settings that differ between the runs, a line each.</param>
/// <param name="Folders">Of the results that were compared.</param>
internal sealed record ComparisonReport(
    ImmutableArray<SeedTable> Tables, ImmutableArray<string> Differences, ImmutableArray<string> Folders);
