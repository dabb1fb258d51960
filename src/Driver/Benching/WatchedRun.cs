using System.Diagnostics;

namespace CoMiGS.Driver.Benching;

/// <summary>What `comigs run` looked like from outside when a round was over.</summary>
/// <param name="Seconds">From the start of its process.</param>
/// <param name="PeakBytes">The most memory it had resident until then.</param>
internal sealed record WatchedRun(double Seconds, long PeakBytes)
{
    /// <summary>This program in a process of its own, until so many rounds are over; then it is ended.</summary>
    /// <param name="output">Folder of the results.</param>
    /// <exception cref="BenchFailedException">It ended before.</exception>
    public static async Task<WatchedRun> UntilRoundAsync(
        int rounds, string runFile, string output, CancellationToken stop)
    {
        var program = typeof(WatchedRun).Assembly.Location;
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", program, "run", runFile, "--out", output])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complaint = process.StandardError.ReadToEndAsync(stop);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(stop) is { } line)
            {
                if (line.Contains($"  round {rounds}/", StringComparison.Ordinal))
                {
                    var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                    process.Refresh();
                    return new(seconds, process.PeakWorkingSet64);
                }
            }

            throw new BenchFailedException(
                $"the run of {runFile} ended before round {rounds}: {(await complaint).Trim()}");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
