namespace CoMiGS.Interfaces.Rounds;

/// <summary>An order to train in one round. Safe to repeat: a user that has answered it answers the same
/// again.</summary>
/// <param name="Round">0-based.</param>
/// <param name="Attempt">0-based; a round that failed its quorum is tried again under the next number.</param>
/// <param name="Generalist">Content hash of the generalists to start from; null when the method shares nothing.</param>
/// <param name="Version">Round whose end left the user's committed state, which it starts from whatever it did since;
/// -1 = the state before its first round, a function of the seed.</param>
/// <param name="LateRounds">Earlier rounds for which its device was too slow.</param>
/// <param name="Rests">Rounds draw cohorts, so once it has answered the user need not stay in memory.</param>
/// <param name="Try">0-based; how often this attempt has asked the user before.</param>
/// <param name="OldestManifest">Rounds committed as of the oldest manifest that is kept: what it may name of the user
/// stays stored.</param>
/// <param name="Life">How often the run has come back to life.</param>
[GenerateSerializer, Immutable, Alias("comigs.RoundTicket")]
public sealed record RoundTicket(
    [property: Id(0)] string Experiment, [property: Id(1)] int Round, [property: Id(2)] int Attempt,
    [property: Id(3)] string? Generalist, [property: Id(4)] int Version,
    [property: Id(5)] int LateRounds = 0, [property: Id(6)] bool Rests = false,
    [property: Id(7)] int Try = 0, [property: Id(8)] int OldestManifest = 0, [property: Id(9)] int Life = 0);
