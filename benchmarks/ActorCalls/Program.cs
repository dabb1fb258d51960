using CoMiGS.Benchmarks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var seconds = args.Length > 0 ? double.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 2;
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleans(silo => silo.UseLocalhostClustering());
using var host = builder.Build();
await host.StartAsync();
var grains = host.Services.GetRequiredService<IGrainFactory>();
foreach (var callerCount in new[] { 1, 100, 1000 })
{
    var rate = await ActorCallRate.MeasureAsync(grains, callerCount, TimeSpan.FromSeconds(seconds));
    Console.WriteLine(
        $"{rate.CallerCount,5} callers: {rate.CallsPerSecond,9:N0} calls/s, {rate.BytesPerCall:F0} bytes a call");
}

var footprint = await ActivationFootprint.MeasureAsync(grains, 100_000);
Console.WriteLine(
    $"{footprint.ActivationCount:N0} activations: {footprint.BytesPerActivation:N0} bytes of managed memory each");
await host.StopAsync();
