using System.Collections.Immutable;
using System.Diagnostics;
using CoMiGS.Driver.Commands;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Driver.Running;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;

namespace CoMiGS.Driver.Comparing;

/// <summary>Runs what is not there yet of a run file with several seeds, one unit after another on silos of this
/// process. What has finished stays, whatever happens to the rest.</summary>
internal sealed class UnitRunner(Terminal terminal, Machine machine, bool isJson)
{
    private readonly List<string> failures = [];
    private readonly Dictionary<string, string> hashes = [];   // of files that runs read, by path
    private PrecisionComparison? compared;

    /// <summary>Runs that failed, each with its reason; the others went on.</summary>
    public IReadOnlyList<string> Failures => failures;

    private TextWriter Remarks => isJson ? terminal.Error : terminal.Out;

    /// <param name="root">Folder of the file's results: ROOT/SEED/METHOD.</param>
    /// <returns>What has finished, in the order of the units.</returns>
    public async Task<ImmutableArray<FinishedRun>> RunAsync(
        RunFile file, ImmutableArray<ulong> seeds, string root, CancellationToken stop)
    {
        var units = RunUnit.Of(file, seeds);
        var missing = units.Where(unit => Find(unit, root) is null).ToArray();
        var seedWords = string.Join(", ", seeds);
        Remarks.WriteLine(
            $"{file.Name}: {RunUnit.MethodsOf(file).Length} methods, seeds {seedWords}; "
            + $"{units.Length - missing.Length} of {units.Length} runs are there already.");
        if (missing.Length > 0)
        {
            await RunAsync(missing, root, stop);
        }

        FinishedRun[] finished = [.. units.Select(unit => Find(unit, root)).OfType<FinishedRun>()];
        foreach (var other in finished.CountBy(run => run.Summary.Version).Where(v => v.Key != ProgramVersion.Text))
        {
            RemarkOther(other.Value, $"made by {other.Key}", ProgramVersion.Text, root);
        }

        foreach (var other in finished.CountBy(run => run.Summary.Precision?.Type ?? machine.Precision)
            .Where(type => type.Key != machine.Precision))
        {
            RemarkOther(other.Value, $"computed in {Name(other.Key)}", Name(machine.Precision), root);
        }

        return [.. finished];
    }

    private static string Name(FloatType type) => type.ToString().ToLowerInvariant();

    private void RemarkOther(int count, string other, string current, string root) => Remarks.WriteLine(
        $"{count} of them were {other}, this is {current}; they are used as they are. "
        + $"Without {ResultsFolder.Shown(root)} they are run again.");

    private FinishedRun? Find(RunUnit unit, string root)
    {
        var origin = RunOrigin.Of(unit.File, hashes);
        var (parent, name) = Place(unit, root);
        return FinishedRun.Find(ResultsFolder.FirstFree(name, origin.RunFile, parent), origin);
    }

    private static (string Parent, string Name) Place(RunUnit unit, string root)
    {
        var folder = Path.Combine(root, unit.Folder);
        return (Path.GetDirectoryName(folder)!, Path.GetFileName(folder));
    }

    private async Task RunAsync(RunUnit[] units, string root, CancellationToken stop)
    {
        // The runs' state serves nobody afterwards, and is no other process's.
        var state = Path.Combine(root, $"state-{Environment.ProcessId}");
        try
        {
            await RunAsync(units, root, state, stop);
        }
        finally
        {
            if (Directory.Exists(state))
            {
                Directory.Delete(state, recursive: true);
            }
        }
    }

    private Task RunAsync(RunUnit[] units, string root, string state, CancellationToken stop) =>
        (machine with { Compared = first => compared = first }).WithGrainsAsync(
            units[0].File.Base, state, stop, grains =>
            ProgressViews.WhileAsync(terminal, terminal.IsLive && !isJson, Remarks, async view =>
            {
                var clock = new ProgressClock(units.Sum(unit =>
                    Arms.Of(unit.File, output: "/").Sum(arm => arm.Spec.Rounds)));
                foreach (var (index, unit) in units.Index())
                {
                    await RunAsync(
                        unit, root, new(grains, new UnitView(view, unit, index + 1, units.Length, clock)), view, stop);
                }

                return true;
            }));

    private async Task RunAsync(
        RunUnit unit, string root, ArmRunner runner, IProgressView view, CancellationToken stop)
    {
        try
        {
            await RunAsync(unit, root, runner, stop);
        }
        catch (ExperimentFailedException failed)
        {
            failures.Add($"{unit.File.Name}: {failed.Message}");
            view.Remark(failures[^1]);
        }
    }

    private async Task RunAsync(RunUnit unit, string root, ArmRunner runner, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var (parent, name) = Place(unit, root);
        var output = ResultsFolder.Prepare(null, name, RunOrigin.Of(unit.File, hashes), parent);
        var arms = Arms.Of(unit.File, output);
        await runner.SubmitAsync(unit.File, arms, output, stop);
        var outcomes =
            await runner.FollowAsync(arms, ImmutableSortedDictionary<string, string>.Empty, stop);
        Conclusion.Write(
            unit.File.Name, output, outcomes, Stopwatch.GetElapsedTime(start), new(machine.Precision, compared));
    }

    /// <summary>Shows how far all units together are.</summary>
    private sealed class UnitView(
        IProgressView view, RunUnit unit, int number, int count, ProgressClock clock) : IProgressView
    {
        public void Show(ProgressUpdate update) => view.Show(update with
        {
            Arm = update.Arm with { Label = $"{update.Arm.Label} seed {unit.File.Seed}" },
            ArmNumber = number,
            ArmCount = count,
            Moment = clock.Tick(),
        });

        public void Remark(string sentence) => view.Remark(sentence);
    }
}
