using System.CommandLine;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;
using CoMiGS.Learning;
using CoMiGS.Silo.Storage;

namespace CoMiGS.Driver.Commands;

/// <summary>What becomes of an identical run that was begun before: --resume, --restart. Without either a run that has
/// finished is run again, and one that has not is kept.</summary>
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
    /// <returns>And whether the run goes on.</returns>
    /// <exception cref="BadInputException">The run in it has not finished and nobody says what becomes of it, or the
    /// folder cannot be used.</exception>
    public async Task<(string Folder, bool GoesOn)> PrepareAsync(ParseResult parsed, string? wanted, RunFile run)
    {
        var origin = RunOrigin.Of(run, []);
        if (parsed.GetValue(resume))
        {
            return parsed.GetValue(restart)
                ? throw new BadInputException("--resume and --restart exclude each other.")
                : (ResultsFolder.Reopen(wanted, run.Name, origin), true);
        }

        var folder = ResultsFolder.Find(wanted, run.Name, origin);
        RequireUnused(Path.Combine(folder, ResultsFolder.StateName));
        if (!parsed.GetValue(restart))
        {
            await RequireFinishedAsync(folder, run);
        }

        return (ResultsFolder.Prepare(wanted, run.Name, origin), false);
    }

    private static void RequireUnused(string state)
    {
        if (Directory.Exists(state))
        {
            StateFolder.Hold(state).Dispose();
        }
    }

    private static async Task RequireFinishedAsync(string folder, RunFile run)
    {
        if (File.Exists(Path.Combine(folder, ResultsFolder.SummaryName)))
        {
            return;
        }

        var saved = StateFolder.Open(Path.Combine(folder, ResultsFolder.StateName));
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
