using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Faults;
using CoMiGS.Grains.Placement;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Silo.Storage;
using CoMiGS.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace CoMiGS.Silo;

/// <summary>Makes a silo one that runs experiments.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Adds storage, the device and what users of one silo share. Clustering is the host's own choice. A store
    /// registered before stays.</summary>
    public static ISiloBuilder AddCoMiGS(this ISiloBuilder silo, SiloSettings settings)
    {
        var services = silo.Services;
        services.TryAddSingleton<IBlobStore>(provider => new MeteredBlobStore(
            new FaultyBlobStore(new(settings.StateFolder), provider.GetRequiredService<RunCatalog>()),
            TimeProvider.System));
        services.TryAddSingleton<ISiloFaults, NoSiloFaults>();
        if (services.All(service => !StorageNames.Files.Equals(service.ServiceKey)))
        {
            services.AddGrainStorage(StorageNames.Files, (_, _) => new FileGrainStorage(settings.StateFolder));
        }

        services.AddSingleton(settings.Trainers);
        services.AddSingleton(provider => SiloEnd.Of(
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, settings));
        services.AddSingleton(settings.Capacity);
        services.AddSingleton<RunCatalog>();
        services.AddSingleton<RunArchive>();
        services.AddSingleton<UserWorkshop>();
        services.AddSingleton<UserHomes>();
        services.AddSingleton<UserMoves>();
        services.AddHostedService(provider => provider.GetRequiredService<UserMoves>());
        services.AddHostedService<RunKeeper>();
        silo.AddIncomingGrainCallFilter<FaultFilter>();
        if (settings.Export is { Traces: true })
        {
            silo.AddActivityPropagation();
        }

#pragma warning disable ORLEANSEXP003 // The default directory forgets grains when silos die: runs would live twice.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        return silo.UseSiloMetadata(settings.Capacity.ToMetadata())
            .AddPlacementDirector<UserPlacement, UserPlacementDirector>();
    }
}
