using System.Globalization;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace CoMiGS.Grains.Placement;

/// <summary>What a silo declares it can carry. Slots travel to the other silos as its metadata: users are spread by
/// them.</summary>
/// <param name="TrainerSlots">Users trained or measured at a time, at least 1; the others of a round wait. A silo gets
/// users in proportion.</param>
/// <param name="Device">For people: cpu, torch or cuda:N.</param>
/// <param name="MemoryBytes">Memory that the users at work may take together beside the frozen base; null: no limit
/// but the slots.</param>
public sealed record SiloCapacity(int TrainerSlots, string Device = "cpu", long? MemoryBytes = null)
{
    private const string SlotsKey = "comigs.trainer-slots";
    private const string DeviceKey = "comigs.device";

    public Dictionary<string, string> ToMetadata() => new()
    {
        [SlotsKey] = TrainerSlots.ToString(CultureInfo.InvariantCulture),
        [DeviceKey] = Device,
    };

    /// <summary>Slots of a silo by its metadata; 1 as long as they are not known.</summary>
    public static int SlotsOf(SiloMetadata silo) =>
        silo.Metadata.TryGetValue(SlotsKey, out var text)
            && int.TryParse(text, CultureInfo.InvariantCulture, out var slots) && slots > 0
            ? slots
            : 1;
}
