using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;
using Orleans.Placement;

namespace CoMiGS.Grains.Aggregation;

/// <summary>One silo's sum of one round and attempt. Nothing is saved: users can send their part again.</summary>
[PreferLocalPlacement]
public sealed class PartialSumGrain(RunCatalog runs) : Grain, IPartialSumGrain
{
    private readonly SortedDictionary<string, UserReceipt> receipts = new(StringComparer.Ordinal);
    private FixedPointSum? sum;
    private (int Round, int Attempt) current = (-1, -1);
    private PartialSum? closed;

    /// <summary>Key of the sum of a silo in a run.</summary>
    public static string KeyOf(string experiment, string silo) => $"{experiment}@{silo}";

    public async Task AddAsync(Contribution contribution)
    {
        var run = await runs.GetAsync(this.GetPrimaryKeyString().Split('@')[0], CancellationToken.None);
        var receipt = contribution.Receipt;
        Turn(receipt.Round, receipt.Attempt);
        if (current != (receipt.Round, receipt.Attempt) || closed is not null)
        {
            throw new UserFailedException(
                $"its parameters came after the sum of round {receipt.Round}, attempt {receipt.Attempt} was taken");
        }

        if (receipts.ContainsKey(receipt.User))
        {
            return;
        }

        try
        {
            sum ??= new(run.SharedLength);
            sum.Add(receipt.User, ContentHash.ToFloats(contribution.Parameters), run.SharedLayout);
        }
        catch (DivergedException diverged)
        {
            throw new UserFailedException(diverged.Message);
        }

        receipts.Add(receipt.User, receipt);
    }

    public Task<PartialSum> ReadAsync(int round, int attempt)
    {
        Turn(round, attempt);
        if (current != (round, attempt))
        {
            return Task.FromResult(new PartialSum([], []));
        }

        return Task.FromResult(closed ??= new([.. receipts.Values], sum?.ToBytes() ?? []));
    }

    /// <summary>Drops the sum when the round or attempt is a newer one; an older one changes nothing.</summary>
    private void Turn(int round, int attempt)
    {
        if ((round, attempt).CompareTo(current) > 0)
        {
            (current, closed, sum) = ((round, attempt), null, null);
            receipts.Clear();
        }
    }
}
