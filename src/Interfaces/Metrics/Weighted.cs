namespace CoMiGS.Interfaces.Metrics;

/// <summary>A sum and its weight. Metrics add; the mean comes last, so that a mean of means never happens.</summary>
[GenerateSerializer, Immutable, Alias("comigs.Weighted")]
public readonly record struct Weighted([property: Id(0)] double Sum, [property: Id(1)] double Weight)
{
    public static Weighted Of(double mean, double weight) => new(mean * weight, weight);

    /// <summary>Sum over weight; NaN when nothing was added.</summary>
    public double Mean => Weight > 0 ? Sum / Weight : double.NaN;

    /// <summary>exp(mean) when the sum is cross-entropy in nats over <see cref="Weight"/> tokens.</summary>
    public double Perplexity => Math.Exp(Mean);

    public static Weighted operator +(Weighted a, Weighted b) => new(a.Sum + b.Sum, a.Weight + b.Weight);
}
