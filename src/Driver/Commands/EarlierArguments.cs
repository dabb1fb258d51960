using System.CommandLine;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Learning;
using CoMiGS.Silo.Storage;

namespace CoMiGS.Driver.Commands;

/// <summary>What becomes of an identical run that was begun before: --resume, --restart. Without either whatever there
/// is of it is kept.</summary>
internal sealed class EarlierArguments
{
    private readonly Option<bool> resume = new("--resume")
    {
        Description = "Go on from the last committed round of this run, if there is one.",
    };

    private readonly Option<bool> restart = new("--restart")
    {
        Description = "Begin anew, whatever there is of this run.",
    };

    public void AddTo(Command command)
    {
        command.Add(resume);
        command.Add(restart);
    }

    /// <summary>The folder of the results, ready.</summary>
    /// <param name="wanted">Null: by the run's name.</param>
    /// <param name="isOurs">The states are in the folder, too; a cluster has its own.</param>
    /// <returns>And whether the run goes on.</returns>
    /// <exception cref="BadInputException">There is something of the run and nobody says what becomes of it, or the
    /// folder cannot be used.</exception>
    public async Task<(string Folder, bool GoesOn)> PrepareAsync(
        ParseResult parsed, string? wanted, RunFile run, bool isOurs)
    {
        var (origin, goesOn) = (RunOrigin.Of(run, []), parsed.GetValue(resume));
        if (goesOn && parsed.GetValue(restart))
        {
            throw new BadInputException("--resume and --restart exclude each other.");
        }

        if (goesOn)
        {
            var reopened = ResultsFolder.Reopen(wanted, run.Name, origin);
            RequireState(reopened, isOurs);
            DropDamagedSummary(reopened);
            return (reopened, true);
        }

        var folder = ResultsFolder.Find(wanted, run.Name, origin);
        var state = Path.Combine(folder, ResultsFolder.StateName);
        RequireUnused(state);
        if (!parsed.GetValue(restart))
        {
            await RequireNothingAsync(folder, state, run);
        }

        return (ResultsFolder.Prepare(wanted, run.Name, origin), false);
    }

    /// <summary>Results without states would be written over by a run from the beginning.</summary>
    private static void RequireState(string folder, bool isOurs)
    {
        var state = Path.Combine(folder, ResultsFolder.StateName);
        if (isOurs && !Directory.Exists(state) && HasFinished(folder))
        {
            throw new BadInputException(
                $"{ResultsFolder.Shown(state)} is gone, so this run, which has finished, cannot go on: --restart "
                + "throws its results away and begins anew.");
        }
    }

    /// <summary>The run writes it anew; nobody may stumble over it before.</summary>
    private static void DropDamagedSummary(string folder)
    {
        var path = Path.Combine(folder, ResultsFolder.SummaryName);
        try
        {
            if (HasFinished(folder))
            {
                Summary.Read(path);
            }
        }
        catch (BadInputException)
        {
            File.Delete(path);
        }
    }

    private static void RequireUnused(string state)
    {
        if (Directory.Exists(state))
        {
            StateFolder.Hold(state).Dispose();
        }
    }

    private static bool HasFinished(string folder) => File.Exists(Path.Combine(folder, ResultsFolder.SummaryName));

    private static async Task RequireNothingAsync(string folder, string state, RunFile run)
    {
        if (HasFinished(folder))
        {
            throw new BadInputException(
                $"{ResultsFolder.Shown(folder)} holds the results of this run, which has finished: --restart throws "
                + "them away and begins anew, --out names another folder.");
        }

        var saved = StateFolder.Open(state);
        var rounds = 0;
        foreach (var arm in Arms.Of(run, folder))
        {
            rounds += await saved.RoundsAsync(arm.Spec.Experiment);
        }

        if (rounds > 0)
        {
            throw new BadInputException(
                $"{ResultsFolder.Shown(folder)} holds {Figures.Plural(rounds, "committed round")} of this run, which "
                + "has not finished: --resume goes on with it, --restart throws that away and begins anew.");
        }
    }
}
