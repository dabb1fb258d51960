namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>How users' sizes differ.</summary>
public enum SizeLaw
{
    /// <summary>User k (from 1) gets a share ∝ k^−spread: Zipf's law; the first user is the richest.</summary>
    Power,

    /// <summary>Shares ∝ exp(spread · z), z standard normal.</summary>
    Lognormal,
}

/// <summary>Users with the same mixture of labels and different amounts of text.</summary>
/// <param name="users">How many, at least 1.</param>
/// <param name="law">See there.</param>
/// <param name="spread">At least 0; 0: all the same.</param>
/// <param name="seed">Of the shares and of who gets which document.</param>
public sealed class SizePartitioner(int users, SizeLaw law, double spread, ulong seed) : IPartitioner
{
    /// <inheritdoc/>
    public Assignment Assign(IReadOnlyList<LabelledDocument> documents)
    {
        var shares = Shares();
        return new(UserName.Numbered(users), LabelDealer.Deal(documents, _ => shares, seed));
    }

    private double[] Shares()
    {
        var random = Randomness.Of(seed, Randomness.Key("sizes"));
        return Proportions.OfLogs([.. Enumerable.Range(1, users).Select(user => law switch
        {
            SizeLaw.Power => -spread * Math.Log(user),
            SizeLaw.Lognormal => spread * random.NextNormal(),
            _ => throw new ArgumentOutOfRangeException(nameof(law), law, "Unknown law of sizes."),
        })]);
    }
}
