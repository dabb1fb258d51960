using System.Globalization;

namespace CoMiGS.Results;

/// <summary>Numbers as people read them, the same on every machine.</summary>
internal static class Figures
{
    private const double MostSeconds = 1e11;   // three thousand years; a TimeSpan holds no more than nine times that

    public static string Perplexity(double value) => value switch
    {
        double.NaN => "-",
        >= 1e6 => "diverged",
        _ => value.ToString(value < 1000 ? "0.0" : "0", CultureInfo.InvariantCulture),
    };

    /// <summary>The lowest of the figures that are finite; NaN when none is.</summary>
    public static double Lowest(IEnumerable<double> figures) =>
        figures.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();

    public static string Loss(double nats) =>
        double.IsFinite(nats) ? nats.ToString("0.000", CultureInfo.InvariantCulture) : "-";

    public static string Percent(double share) => share.ToString("0 %", CultureInfo.InvariantCulture).Replace(" ", "");

    public static string Relative(double error) => error.ToString("0.0e-0", CultureInfo.InvariantCulture);

    public static string Count(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Of one user in one round.</summary>
    public static string Seconds(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>1 user, 10,000 users.</summary>
    public static string Plural(int number, string thing) => $"{Count(number)} {thing}{(number == 1 ? "" : "s")}";

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} B",
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };

    /// <param name="seconds">Of the virtual clock, which may run for very long.</param>
    public static string Duration(double seconds) => Duration(TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds)));

    public static string Duration(TimeSpan time) => time.TotalHours < 1
        ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");
}
