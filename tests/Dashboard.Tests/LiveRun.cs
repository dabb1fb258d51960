using System.Diagnostics;
using CoMiGS.Driver.Tests;

namespace CoMiGS.Dashboard.Tests;

/// <summary>./comigs run … --dashboard as a process of its own.</summary>
internal sealed class LiveRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;

    private LiveRun(Process process, string address) => (this.process, Address) = (process, address);

    public string Address { get; }

    /// <summary>Starts it and waits until it says where its page is.</summary>
    public static async Task<LiveRun> StartAsync(Workspace workspace, params string[] settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "comigs-driver.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet",
        [
            "exec", program, "run", workspace.RunFile, "--out", workspace.At("live"), "--dashboard",
            .. settings.SelectMany(setting => new[] { "--set", setting }),
        ])
        {
            RedirectStandardOutput = true,
        })!;
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith("Dashboard: ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();   // else it would stop at a full pipe
                return new(process, line["Dashboard: ".Length..]);
            }
        }

        throw new InvalidOperationException("The run ended before it served its page.");
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }
}
