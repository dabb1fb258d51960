namespace CoMiGS.Interfaces.Users;

/// <summary>A user as of the last committed round.</summary>
/// <param name="Version">Round whose end left its state; -1 = it has taken part in none.</param>
/// <param name="Generalist">Content hash of the generalists to copy in; null when the method shares nothing.</param>
[GenerateSerializer, Immutable, Alias("comigs.UserVersion")]
public sealed record UserVersion([property: Id(0)] int Version, [property: Id(1)] string? Generalist);
