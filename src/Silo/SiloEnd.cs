using CoMiGS.Grains.Training;

namespace CoMiGS.Silo;

/// <summary>How a silo ends: told to, it drains, and some time later stops.</summary>
internal static class SiloEnd
{
    public static SiloLife Of(CancellationToken told, SiloSettings settings)
    {
        // Lives as long as the process; a cancelled source that is never disposed of holds nothing.
        var stopping = new CancellationTokenSource();
        told.Register(() => stopping.CancelAfter(settings.Drain));
        return new(settings.Time, told, stopping.Token);
    }
}
