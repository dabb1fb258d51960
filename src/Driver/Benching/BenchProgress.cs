using System.Diagnostics;
using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>Runs parts one after another and says how far it is, a line a figure.</summary>
internal sealed class BenchProgress(IReadOnlyList<IBenchPart> parts, TextWriter remarks)
{
    private readonly long start = Stopwatch.GetTimestamp();

    public async Task<IReadOnlyList<BenchFigure>> MeasureAsync(CancellationToken stop)
    {
        var figures = new List<BenchFigure>();
        for (var number = 0; number < parts.Count; number++)
        {
            remarks.WriteLine($"[{number + 1}/{parts.Count}] {parts[number].Name}: {Left(number)}");
            await parts[number].MeasureAsync(
                figure =>
                {
                    figures.Add(figure);
                    remarks.WriteLine($"  {figure.What}: {figure.Text}");
                },
                stop);
        }

        return figures;
    }

    /// <summary>What this part and all that follow will take, if they keep the pace of those before.</summary>
    private string Left(int number)
    {
        var (done, left) = (Estimate(parts.Take(number)), Estimate(parts.Skip(number)));
        var pace = done > 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds / done : 1;
        var all = number == 0 ? "everything" : "all that is left";
        return $"about {Duration(pace * parts[number].EstimateSeconds)}; {all} about {Duration(pace * left)}";
    }

    private static double Estimate(IEnumerable<IBenchPart> parts) => parts.Sum(part => part.EstimateSeconds);

    private static string Duration(double seconds) => Figures.Duration(TimeSpan.FromSeconds(seconds));
}
