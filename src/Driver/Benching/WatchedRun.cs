using System.Diagnostics;

namespace CoMiGS.Driver.Benching;

/// <summary>What `comigs run` looked like from outside when a round was over.</summary>
/// <param name="Seconds">From the start of its process.</param>
/// <param name="PeakBytes">The most memory it had resident until then.</param>
/// <param name="ProcessorSeconds">All its processors' time in the last rounds, but for the first few, in which programs
/// compile.</param>
internal sealed record WatchedRun(double Seconds, long PeakBytes, double ProcessorSeconds)
{
    private const string Address = "Dashboard: ";

    private const int CompilingRounds = 3;

    /// <summary>In which processors' time is counted, s.</summary>
    private const double Tick = 0.01;

    private static readonly string[] Served = ["--dashboard"];

    /// <summary>This program in a process of its own, until so many rounds are over; then it is ended.</summary>
    /// <param name="output">Folder of the results.</param>
    /// <param name="visit">Called with the address of its page, which it then serves; cancelled at the end.</param>
    /// <exception cref="BenchFailedException">It ended before.</exception>
    public static async Task<WatchedRun> UntilRoundAsync(
        int rounds, string runFile, string output, CancellationToken stop,
        Func<Uri, CancellationToken, Task>? visit = null)
    {
        var program = typeof(WatchedRun).Assembly.Location;
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", program, "run", runFile, "--out", output, .. visit is null ? [] : Served])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complaint = process.StandardError.ReadToEndAsync(stop);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var (visiting, settled) = (Task.CompletedTask, TimeSpan.Zero);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(stop) is { } line)
            {
                if (visit is not null && line.StartsWith(Address, StringComparison.Ordinal))
                {
                    visiting = visit(new(line[Address.Length..]), leaving.Token);
                }

                process.Refresh();
                if (line.Contains($"  round {Math.Min(rounds - 1, CompilingRounds)}/", StringComparison.Ordinal))
                {
                    settled = process.TotalProcessorTime;
                }

                if (line.Contains($"  round {rounds}/", StringComparison.Ordinal))
                {
                    return new(
                        Stopwatch.GetElapsedTime(started).TotalSeconds, process.PeakWorkingSet64,
                        Math.Max(Tick, (process.TotalProcessorTime - settled).TotalSeconds));
                }
            }

            throw new BenchFailedException(
                $"the run of {runFile} ended before round {rounds}: {(await complaint).Trim()}");
        }
        finally
        {
            await leaving.CancelAsync();
            await visiting;
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
