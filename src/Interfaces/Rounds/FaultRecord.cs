using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Interfaces.Rounds;

/// <summary>Something that went wrong in a round, planned or not.</summary>
/// <param name="User">Whom it befell; null: the server or a silo.</param>
/// <param name="Kind">What the fault plan did; null: nothing of the plan.</param>
/// <param name="Detected">How the round noticed, one sentence without its stop; null: it did not.</param>
/// <param name="Seconds">From the round's first ticket until it noticed, on the wall's clock; null: it did not, or knew
/// it beforehand.</param>
[GenerateSerializer, Immutable, Alias("comigs.FaultRecord")]
public sealed record FaultRecord(
    [property: Id(0)] string? User, [property: Id(1)] FaultKind? Kind, [property: Id(2)] string? Detected,
    [property: Id(3)] double? Seconds);
