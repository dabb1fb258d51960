using System.Diagnostics;
using CoMiGS.Grains.Telemetry;
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
    private readonly SortedSet<string> repeated = new(StringComparer.Ordinal);
    private readonly List<ActivityContext> arrivals = [];
    private FixedPointSum? sum, probes;
    private (int Round, int Attempt) current = (-1, -1);
    private PartialSum? closed;

    /// <summary>Key of the sum of a silo in one life of a run: a run that goes back to an earlier round finds no sum of
    /// a later one.</summary>
    public static string KeyOf(string experiment, string silo, int life) =>
        FormattableString.Invariant($"{experiment}@{silo}@{life}");

    /// <summary>The run a key belongs to.</summary>
    internal static string ExperimentOf(string key) => key.Split('@')[0];

    /// <summary>What senders learn of an upload that arrived.</summary>
    internal Guid Id { get; } = Guid.NewGuid();

    public async Task<Guid> AddAsync(Contribution contribution)
    {
        var experiment = ExperimentOf(this.GetPrimaryKeyString());
        var run = await runs.GetAsync(experiment, CancellationToken.None);
        var receipt = contribution.Receipt;
        Turn(receipt.Round, receipt.Attempt);
        if (current != (receipt.Round, receipt.Attempt) || closed is not null)
        {
            Count("late");
            throw new UserFailedException(
                $"its parameters came after the sum of round {receipt.Round + 1}, attempt {receipt.Attempt + 1} was "
                + "taken");
        }

        if (receipts.ContainsKey(receipt.User))
        {
            Count("repeated");
            repeated.Add(receipt.User);
            return Id;
        }

        try
        {
            var user = run.User(receipt.User);
            var values = UploadCheck.Open(contribution.Parameters, run.SharedOf(user));
            if (run.Check.LimitsNorm)
            {
                var sent = await runs.GeneralistsAsync(experiment, contribution.Start, CancellationToken.None);
                run.Check.LimitNorm(values, run.ExchangeOf(user).StartOf(sent, values));
            }

            Add(run, user, values);
        }
        catch (UploadRefusedException refused)
        {
            Count("refused");
            throw new UserFailedException(refused.Message);
        }

        Count("added");
        receipts.Add(receipt.User, receipt);
        if (Activity.Current is { } arrival)
        {
            arrivals.Add(arrival.Context);
        }

        return Id;
    }

    public Task<PartialSum> ReadAsync(int round, int attempt)
    {
        Turn(round, attempt);
        if (current != (round, attempt))
        {
            return Task.FromResult(new PartialSum([], [], [], [], [], Id));
        }

        using var span = Spans.StartSum(round, arrivals);
        return Task.FromResult(closed ??= new(
            [.. receipts.Values], sum?.ToBytes() ?? [], probes?.ToBytes() ?? [], Joined(), [.. repeated], Id));
    }

    private static void Count(string outcome) =>
        Instruments.Uploads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private void Add(Run run, UserSpec user, float[] values)
    {
        if (run.Rule == AggregationRule.Mean)
        {
            sum ??= new(run.Server.Length);
            probes ??= new(run.Probe.Length);
            sum.Add(user.Weight, values);
            probes.Add(user.Weight, run.Probe.Of(values));
        }
        else
        {
            uploads.Add(user.Id, ContentHash.ToBytes(values));
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
            repeated.Clear();
            arrivals.Clear();
            uploads.Clear();
        }
    }
}
