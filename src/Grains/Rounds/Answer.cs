using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>What came of one ticket: a receipt, or the reason there is none.</summary>
internal sealed record Answer(string User, UserReceipt? Receipt, string? Reason, Outlook Outlook)
{
    public static Answer Of(UserReceipt receipt) => new(receipt.User, receipt, null, Outlook.Final);

    public static Answer Missing(string user, string reason, Outlook outlook) =>
        new(user, null, reason, outlook);
}

/// <summary>Whether the same ticket may fare better a moment later.</summary>
internal enum Outlook
{
    /// <summary>It will not.</summary>
    Final,

    /// <summary>It may: nobody knows what failed.</summary>
    Open,

    /// <summary>It will, as soon as another silo has taken over: a silo or a message was lost.</summary>
    Lost,
}
