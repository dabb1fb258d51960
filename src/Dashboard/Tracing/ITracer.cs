using CoMiGS.Dashboard.Views;
using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Dashboard.Tracing;

/// <summary>Follows a text through a user's routers: in a run that goes on, or from the adapters it left.</summary>
internal interface ITracer
{
    /// <param name="user">One of the arm's.</param>
    /// <exception cref="BadInputException">It cannot be followed; the message says why in one sentence.</exception>
    Task<TraceView> TraceAsync(Arm arm, string user, string text, CancellationToken stop);
}
