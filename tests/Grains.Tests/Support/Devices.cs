using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>Devices for a <see cref="TestRun"/>, whose figures come out even. Its users share 128 floats: attention
/// adapters of 32 and 16, an expert of 40 and 40. A token takes 2288 operations: forward 384 of linear maps, 32 of
/// attention, 96 and 320 of adapters, 16 of the router and 128 of the head; the same back with twice the attention,
/// but without 112 below the first block; gradients of adapters 96 and 320. A round has 16 tokens.</summary>
internal static class Devices
{
    public const double RoundFlops = 16 * 2288;
    public const double SharedBytes = 4 * 128;

    /// <summary>Needs no time to speak of.</summary>
    public static DeviceSpec Fast { get; } = new()
    {
        Class = "fast",
        Flops = 1e18,
        DownBytesPerSecond = 1e15,
        UpBytesPerSecond = 1e15,
        LatencySeconds = 0,
        Availability = 1,
        Hours = DeviceSpec.AllHours,
    };

    /// <summary>Computes for so many seconds a round, downloads for 1, uploads for 2, and waits twice for
    /// 0.25.</summary>
    public static DeviceSpec Computing(double seconds) => Fast with
    {
        Class = "even",
        Flops = RoundFlops / seconds,
        DownBytesPerSecond = SharedBytes,
        UpBytesPerSecond = SharedBytes / 2,
        LatencySeconds = 0.25,
    };

    public static RunSpec On(RunSpec spec, Func<int, DeviceSpec> device) => spec with
    {
        Users = [.. spec.Users.Select((user, index) => user with { Device = device(index) })],
    };
}
