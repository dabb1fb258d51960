using CoMiGS.Interfaces.Rounds;
using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Users;

/// <summary>What a user remembers between calls: which states are stored, and its last receipt. The states themselves
/// (parameters, moments) are blobs named by round, so that idle users cost no memory.</summary>
[GenerateSerializer, Alias("comigs.UserState")]
public sealed record UserState
{
    /// <summary>Round whose end left the newest stored state; -1 = none yet.</summary>
    [Id(0)] public int Version { get; init; } = -1;

    /// <summary>The state it was trained from, stored too: if the round is never committed, training starts there
    /// again.</summary>
    [Id(1)] public int Before { get; init; } = -1;

    /// <summary>Content hash of the generalists it was trained from.</summary>
    [Id(2)] public string? Generalist { get; init; }

    [Id(3)] public UserReceipt? Receipt { get; init; }

    /// <summary>Whether the newest state is what the ticket orders. The attempt does not matter: training is a function
    /// of the round, the state before and the generalists.</summary>
    public bool Answers(RoundTicket ticket) =>
        (Version, Before, Generalist) == (ticket.Round, ticket.Version, ticket.Generalist) && Receipt is not null;
}
