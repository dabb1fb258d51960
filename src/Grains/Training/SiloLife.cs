namespace CoMiGS.Grains.Training;

/// <summary>The time rounds are held to, and the moment their silo begins to stop.</summary>
/// <param name="Time">Not the container's own <see cref="TimeProvider"/>, which the runtime uses too: a test that stops
/// the rounds' clock must not stop the runtime's.</param>
/// <param name="Stopping">Work under way is given up then: a grain is only deactivated between its calls.</param>
public sealed record SiloLife(TimeProvider Time, CancellationToken Stopping);
