using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;
using Orleans.Placement;

namespace CoMiGS.Grains.Aggregation;

/// <summary>One silo's part of one round and attempt: a sum, or single uploads where the method's rule needs them.
/// Nothing is saved: users can send their part again.</summary>
[PreferLocalPlacement]
public sealed class PartialSumGrain(RunCatalog runs) : Grain, IPartialSumGrain
{
    private readonly SortedDictionary<string, UserReceipt> receipts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, byte[]> uploads = new(StringComparer.Ordinal);
    private FixedPointSum? sum, probes;
    private (int Round, int Attempt) current = (-1, -1);
    private PartialSum? closed;

    /// <summary>Key of the sum of a silo in one life of a run: a run that goes back to an earlier round finds no sum of
    /// a later one.</summary>
    public static string KeyOf(string experiment, string silo, int life) =>
        FormattableString.Invariant($"{experiment}@{silo}@{life}");

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
            Add(run, run.User(receipt.User), contribution.Parameters);
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
            return Task.FromResult(new PartialSum([], [], [], []));
        }

        return Task.FromResult(closed ??= new(
            [.. receipts.Values], sum?.ToBytes() ?? [], probes?.ToBytes() ?? [], Joined()));
    }

    private void Add(Run run, UserSpec user, byte[] bytes)
    {
        var (shared, values) = (run.SharedOf(user), ContentHash.ToFloats(bytes));
        if (run.Rule == AggregationRule.Mean)
        {
            sum ??= new(run.Server.Length);
            probes ??= new(run.Probe.Length);
            sum.Add(user.Id, user.Weight, values, shared);
            probes.Add(user.Id, user.Weight, run.Probe.Of(values), shared);
        }
        else
        {
            FixedPointSum.RequireInRange(user.Id, values, shared);
            uploads.Add(user.Id, bytes);
        }
    }

    private byte[] Joined()
    {
        var joined = new byte[uploads.Values.Sum(bytes => bytes.Length)];
        var start = 0;
        foreach (var bytes in uploads.Values)
        {
            bytes.CopyTo(joined, start);
            start += bytes.Length;
        }

        return joined;
    }

    /// <summary>Drops the sum when the round or attempt is a newer one; an older one changes nothing.</summary>
    private void Turn(int round, int attempt)
    {
        if ((round, attempt).CompareTo(current) > 0)
        {
            (current, closed, sum, probes) = ((round, attempt), null, null, null);
            receipts.Clear();
            uploads.Clear();
        }
    }
}
