using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CoMiGS.Driver.Tests;

/// <summary>./comigs silo, or another command, as a process of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process process;

    /// <summary>Only Orleans' own packages have silos in processes of their own. They come as many assemblies; the
    /// stand-in is one.</summary>
    public static bool IsPossible { get; } =
        File.Exists(Path.Combine(AppContext.BaseDirectory, "Orleans.Runtime.dll"));

    private SiloProcess(Process process) => this.process = process;

    /// <summary>What it writes to its standard error, if it was started so; the rest of it.</summary>
    public Task<string> ErrorAsync() => process.StandardError.ReadToEndAsync().WaitAsync(Patience);

    /// <summary>Starts the program and waits until a line holds the words.</summary>
    /// <param name="onError">Whether it is a line of its standard error.</param>
    public static async Task<SiloProcess> StartAsync(string words, bool onError, params string[] args)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "comigs-driver.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var lines = onError ? process.StandardError : process.StandardOutput;
        string? line;
        do
        {
            line = await lines.ReadLineAsync().WaitAsync(Patience);
            Assert.NotNull(line);
        }
        while (!line.Contains(words, StringComparison.Ordinal));
        return new(process);
    }

    /// <summary>Starts a silo and waits until it serves.</summary>
    public static Task<SiloProcess> StartAsync(params string[] options) =>
        StartAsync(new Dictionary<string, string?>(), options);

    /// <param name="variables">Of its environment, beside ours.</param>
    public static async Task<SiloProcess> StartAsync(
        IReadOnlyDictionary<string, string?> variables, params string[] options)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "comigs-driver.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, "silo", .. options])
        {
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        var silo = new SiloProcess(process);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        Assert.Contains("serves", line ?? "nothing", StringComparison.Ordinal);
        return silo;
    }

    /// <summary>Asks it to end, as an operator or a container would.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        const int SigTerm = 15;
        Assert.Equal(0, Kill(process.Id, SigTerm));
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <summary>Ends it without a word.</summary>
    public void Kill() => process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    /// <summary>Ports nobody listens on.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
