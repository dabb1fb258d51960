using CoMiGS.Grains.Experiments;
using CoMiGS.Grains.Storage;
using CoMiGS.Grains.Training;
using CoMiGS.Grains.Users;
using CoMiGS.Silo.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime.Hosting;

namespace CoMiGS.Silo;

/// <summary>Makes a silo one that runs experiments.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Adds storage, the device and what users of one silo share. Clustering is the host's own choice. A store
    /// registered before stays.</summary>
    public static ISiloBuilder AddCoMiGS(this ISiloBuilder silo, SiloSettings settings)
    {
        var services = silo.Services;
        services.TryAddSingleton<IBlobStore>(_ => new FileBlobStore(settings.StateFolder));
        if (services.All(service => !StorageNames.Files.Equals(service.ServiceKey)))
        {
            services.AddGrainStorage(StorageNames.Files, (_, _) => new FileGrainStorage(settings.StateFolder));
        }

        services.AddSingleton(_ => settings.Trainers);
        services.AddSingleton(provider => new SiloLife(
            settings.Time, provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
        services.AddSingleton(new WorkshopSettings(settings.ConcurrentUsers));
        services.AddSingleton<RunCatalog>();
        services.AddSingleton<RunArchive>();
        services.AddSingleton<UserWorkshop>();
        return silo;
    }
}
