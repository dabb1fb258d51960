namespace CoMiGS.Interfaces.Users;

/// <summary>Where a user's part of a round went, in seconds of its silo's clock. At every moment a user is in exactly
/// one phase, so they add up to the user's elapsed time.</summary>
/// <param name="Queue">Waiting for admission to its silo, then for the device.</param>
/// <param name="Load">Reading its state and the generalists.</param>
/// <param name="Train">Steps of the experts, or joint steps.</param>
/// <param name="Router">Router phases.</param>
/// <param name="Save">Writing its state and its receipt.</param>
/// <param name="Upload">Handing its shared parameters to its silo's partial sum; 0 where the answer was repeated by
/// another activation than the one that trained.</param>
[GenerateSerializer, Immutable, Alias("comigs.UserPhases")]
public readonly record struct UserPhases(
    [property: Id(0)] double Queue, [property: Id(1)] double Load, [property: Id(2)] double Train,
    [property: Id(3)] double Router, [property: Id(4)] double Save, [property: Id(5)] double Upload);
