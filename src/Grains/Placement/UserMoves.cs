using System.Collections.Concurrent;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoMiGS.Grains.Placement;

/// <summary>Has users move that belong on another silo since one joined or left, as soon as they are idle. So a silo
/// that joins has its users from the next round on.</summary>
public sealed partial class UserMoves(
    UserHomes homes, IClusterMembershipService membership, ILocalSiloDetails silo, SiloLife life,
    ILogger<UserMoves> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IGrainContext, UserKey> here = new();

    /// <summary>A user has come to life on this silo.</summary>
    public void Arrived(IGrainContext user, UserKey key) => here[user] = key;

    /// <summary>A user's activation has ended.</summary>
    public void Left(IGrainContext user) => here.TryRemove(user, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, life.Draining);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(either.Token))
            {
                await SendHomeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo is leaving, and so does everybody on it.
        }
    }

    private async Task SendHomeAsync()
    {
        SiloAddress[] silos = [.. membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];
        if (silos.Length < 2)
        {
            return;
        }

        var moved = 0;
        foreach (var (user, key) in here)
        {
            if (await HomeAsync(key, silos) is { } home && !home.Equals(silo.SiloAddress))
            {
                user.Migrate(requestContext: null);
                moved++;
            }
        }

        if (moved > 0)
        {
            UsersMoved(log, moved, silos.Length);
        }
    }

    /// <summary>Null when the run cannot be asked for at the moment.</summary>
    private async Task<SiloAddress?> HomeAsync(UserKey key, SiloAddress[] silos)
    {
        try
        {
            return await homes.OfAsync(key, silos);
        }
        catch (Exception failed)
        {
            RunNotKnown(log, failed, key);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Users} users move; the cluster has {Silos} silos now")]
    private static partial void UsersMoved(ILogger log, int users, int silos);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Where user {User} belongs could not be found out this time")]
    private static partial void RunNotKnown(ILogger log, Exception error, UserKey user);
}
