using System.Diagnostics;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Running;

/// <summary>Shows a person how far a run is.</summary>
internal interface IProgressView
{
    void Show(ProgressUpdate update);

    /// <summary>A sentence about what went wrong for the moment.</summary>
    void Remark(string sentence);
}

/// <summary>A round that has just ended.</summary>
/// <param name="ArmNumber">From 1.</param>
internal sealed record ProgressUpdate(
    Arm Arm, int ArmNumber, int ArmCount, RoundReport Report, ProgressMoment Moment)
{
    public double TokensPerSecond => Report.TrainingSeconds > 0 ? Report.Tokens / Report.TrainingSeconds : 0;
}

/// <param name="Left">Until the last round of the last arm, if rounds go on as they did.</param>
internal readonly record struct ProgressMoment(TimeSpan Elapsed, TimeSpan Left);

/// <summary>Guesses the time left from the rounds so far.</summary>
internal sealed class ProgressClock(int rounds)
{
    private readonly long start = Stopwatch.GetTimestamp();
    private int done;

    public ProgressMoment Tick()
    {
        done++;
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new(elapsed, elapsed / done * Math.Max(0, rounds - done));
    }
}
