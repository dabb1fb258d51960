using CoMiGS.Dashboard.Tracing;
using CoMiGS.Dashboard.Views;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Running;

/// <summary>Follows texts with the users of a run that goes on, as of its last committed round. They answer between
/// their own rounds.</summary>
internal sealed class GrainTracer : ITracer
{
    /// <summary>Null: there are no silos yet, or no longer.</summary>
    public IGrainFactory? Grains { get; set; }

    public async Task<TraceView> TraceAsync(Arm arm, string user, string text, CancellationToken stop)
    {
        if (Grains is not { } grains)
        {
            throw new BadInputException("The run is starting or has ended; try again, or ./comigs dashboard RESULTS.");
        }

        var status = await grains.GetGrain<IExperimentGrain>(arm.Spec.Experiment).GetStatusAsync().WaitAsync(stop);
        if (status.Phase == ExperimentPhase.NotStarted)
        {
            throw new BadInputException($"'{arm.Label}' has not begun; it does when the arm before it has ended.");
        }

        try
        {
            return TraceView.Of(user, await grains.GetGrain<IUserGrain>($"{arm.Spec.Experiment}/{user}")
                .TraceAsync(new(null, text), stop).WaitAsync(stop));
        }
        catch (Exception failed) when (failed is ExperimentFailedException or UserFailedException)
        {
            throw new BadInputException(failed.Message, failed);
        }
    }
}
