namespace CoMiGS.Grains.Users;

/// <summary>What a silo grants its users.</summary>
/// <param name="ConcurrentUsers">Users whose parameters are in memory at a time, at least 1; the others wait.</param>
public sealed record WorkshopSettings(int ConcurrentUsers);
