using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace CoMiGS.Driver.Benching;

/// <summary>One quantity, measured several times.</summary>
/// <param name="Count">How often, at least once.</param>
internal sealed record Readings(double Median, double Least, double Most, int Count)
{
    /// <summary>Least and most, where there are several.</summary>
    [JsonIgnore]
    public string Spread => Count > 1 ? $"{Text(Least)} – {Text(Most)}" : "";

    public static Readings Of(params IReadOnlyCollection<double> values)
    {
        var ascending = values.Order().ToArray();
        return new(ascending[ascending.Length / 2], ascending[0], ascending[^1], ascending.Length);
    }

    /// <summary>Measures until it has taken long enough, at least once.</summary>
    public static async Task<IReadOnlyList<double>> AllAsync(Patience patience, Func<Task<double>> measure)
    {
        var values = new List<double>();
        var start = Stopwatch.GetTimestamp();
        do
        {
            values.Add(await measure());
        }
        while (patience.WantsMore(values.Count, Stopwatch.GetElapsedTime(start)));
        return values;
    }

    /// <summary>Three digits that count, e.g. 24,311 or 0.92.</summary>
    public static string Text(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}

/// <summary>How often something is measured.</summary>
/// <param name="Wanted">Repetitions, as far as the time allows.</param>
/// <param name="Enough">Goes on until then, however many there are.</param>
/// <param name="Limit">No repetition begins later.</param>
internal sealed record Patience(int Wanted, TimeSpan Enough, TimeSpan Limit)
{
    public bool WantsMore(int count, TimeSpan elapsed) => elapsed < (count < Wanted ? Limit : Enough);
}
