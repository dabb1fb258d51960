namespace CoMiGS.Grains.Rounds;

/// <summary>The time rounds are held to. Its own type, because the runtime takes its <see cref="TimeProvider"/> from
/// the same container and a test that stops the rounds' clock must not stop the runtime's.</summary>
public sealed record RoundClock(TimeProvider Time);
