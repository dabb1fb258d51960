namespace CoMiGS.Grains.Training;

/// <summary>The time rounds are held to, and the two moments of their silo's end.</summary>
/// <param name="Time">Not the container's own <see cref="TimeProvider"/>, which the runtime uses too: a test that stops
/// the rounds' clock must not stop the runtime's.</param>
/// <param name="Draining">The silo begins to leave: runs let go, so that another silo goes on with them; users under
/// way may finish.</param>
/// <param name="Stopping">Users under way are given up, too: a grain is only deactivated between its calls.</param>
public sealed record SiloLife(TimeProvider Time, CancellationToken Draining, CancellationToken Stopping);
