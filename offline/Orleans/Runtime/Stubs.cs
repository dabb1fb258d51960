using Microsoft.Extensions.Hosting;

namespace Orleans.Runtime
{
    public class GrainReference : IAddressable
    {
        public GrainId GrainId => throw new NotImplementedException();

        internal GrainReference Retype(Type type) => throw new NotImplementedException();
    }

    internal static class RuntimeContext
    {
        public static IGrainContext? Current => throw new NotImplementedException();
    }

    internal abstract class Activation : IGrainContext
    {
        public Silo Silo => throw new NotImplementedException();

        public abstract GrainReference GrainReference { get; }

        public abstract GrainId GrainId { get; }

        public abstract object? GrainInstance { get; }

        public abstract IServiceProvider ActivationServices { get; }

        public abstract Task Deactivated { get; }

        public void DeactivateOnIdle() => throw new NotImplementedException();

        public void DelayDeactivation(TimeSpan time) => throw new NotImplementedException();

        public abstract void Deactivate(DeactivationReason reason, CancellationToken cancellationToken = default);
    }

    internal sealed class GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) : IGrainTimer
    {
        public void Change(TimeSpan dueTime, TimeSpan period) => throw new NotImplementedException($"{activation}{callback}{options}");

        public void Dispose() => throw new NotImplementedException();
    }

    internal abstract class Silo : ILocalSiloDetails, IHostedService
    {
        public SiloAddress Address => SiloAddress;

        public abstract IClusterClient Messenger { get; }

        public abstract string Name { get; }

        public abstract string ClusterId { get; }

        public abstract string DnsHostName { get; }

        public abstract SiloAddress SiloAddress { get; }

        public abstract SiloAddress GatewayAddress { get; }

        public abstract Task StartAsync(CancellationToken cancellationToken);

        public abstract Task StopAsync(CancellationToken cancellationToken);
    }

    internal abstract class ClusterClient : IHostedService
    {
        public abstract IClusterClient Messenger { get; }

        public abstract Task StartAsync(CancellationToken cancellationToken);

        public abstract Task StopAsync(CancellationToken cancellationToken);
    }
}

namespace Orleans.Storage
{
    internal static class MemoryGrainStorage
    {
        public static IGrainStorage Create(IServiceProvider services, string name) => throw new NotImplementedException();
    }
}
