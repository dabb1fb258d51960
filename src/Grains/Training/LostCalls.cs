using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;

namespace CoMiGS.Grains.Training;

/// <summary>Calls that fail because a silo, a connection or a message was lost. They say nothing about the work: asked
/// again, another silo answers.</summary>
public static class LostCalls
{
    private const int OtherFailures = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    /// <summary>Whether the cluster failed, as opposed to the grain that was called. A silo that stops gives up its
    /// work, which looks like a cancellation nobody asked for.</summary>
    public static bool IsLost(Exception failed) => BadInputException.In(failed) is null
        && failed is OrleansException or TimeoutException or OperationCanceledException or ObjectDisposedException
            or ExperimentInterruptedException or EnumerationAbortedException;

    /// <summary>Why a call failed, one sentence without its stop; what the runtime says of addresses and messages is
    /// left out.</summary>
    public static string ReasonOf(Exception failed) => failed.GetBaseException() switch
    {
        SiloUnavailableException => "its silo became unavailable",
        TimeoutException => "the call was not answered",
        OperationCanceledException or ObjectDisposedException => "its silo was stopping",
        var cause => cause.Message.TrimEnd('.'),
    };

    /// <summary>Makes a call that may be repeated until it is answered: after a lost one for as long as
    /// <paramref name="stop"/> allows, after any other failure that <paramref name="isFinal"/> does not call final, a
    /// few times.</summary>
    public static async Task<T> AgainAsync<T>(
        Func<Task<T>> call, Func<Exception, bool> isFinal, TimeProvider time, CancellationToken stop)
    {
        var others = 0;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception failed) when (
                !stop.IsCancellationRequested && !isFinal(failed) && (IsLost(failed) || ++others < OtherFailures))
            {
                await PauseAsync(attempt, time, stop);
            }
        }
    }

    /// <summary>Waits before another attempt: ¼, ½, 1, 2, 4, 4 … s; less when <paramref name="stop"/> says
    /// so.</summary>
    public static async Task PauseAsync(int attempt, TimeProvider time, CancellationToken stop)
    {
        var pause = TimeSpan.FromMilliseconds(250L << Math.Min(attempt, 4));
        await Task.Delay(pause < LongestPause ? pause : LongestPause, time, stop)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
