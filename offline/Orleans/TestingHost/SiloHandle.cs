using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>One silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    public short InstanceNumber { get; set; }

    public string Name { get; set; } = "";

    public SiloAddress SiloAddress { get; set; } = null!;

    public SiloAddress GatewayAddress { get; set; } = null!;

    public abstract bool IsActive { get; }

    /// <summary>Stops the silo: gracefully, or as if its process had died.</summary>
    public abstract Task StopSiloAsync(bool stopGracefully);

    public abstract Task StopSiloAsync(CancellationToken ct);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    public abstract ValueTask DisposeAsync();

    public override string ToString() => SiloAddress.ToString();

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && IsActive)
        {
            StopSiloAsync(true).GetAwaiter().GetResult();
        }
    }
}

public class InProcessSiloHandle : SiloHandle
{
    private bool isActive = true;

    public IHost SiloHost { get; init; } = null!;

    public IServiceProvider ServiceProvider => SiloHost.Services;

    public override bool IsActive => isActive;

    public override Task StopSiloAsync(bool stopGracefully) => StopSiloAsync(new CancellationToken(!stopGracefully));

    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (!isActive)
        {
            return;
        }

        isActive = false;
        await Task.Run(() => SiloHost.StopAsync(ct), CancellationToken.None);
    }

    public override async ValueTask DisposeAsync()
    {
        if (isActive)
        {
            await StopSiloAsync(true);
            SiloHost.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
