using CoMiGS.Interfaces.Users;

namespace CoMiGS.Grains.Rounds;

/// <summary>What came of one ticket: a receipt, or the reason there is none.</summary>
/// <param name="MayRecover">Whether the same ticket may fare better a moment later (a lost silo, a lost
/// message).</param>
internal sealed record Answer(string User, UserReceipt? Receipt, string? Reason, bool MayRecover)
{
    public static Answer Of(UserReceipt receipt) => new(receipt.User, receipt, null, false);

    public static Answer Missing(string user, string reason, bool mayRecover) =>
        new(user, null, reason.TrimEnd('.'), mayRecover);
}
