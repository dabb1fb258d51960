using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CoMiGS.Learning;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;

namespace CoMiGS.Driver.Benching;

/// <summary>benchmarks/plain_pytorch: the same work as a researcher would write it, in a process of its own.</summary>
/// <param name="Python">An interpreter that has PyTorch.</param>
internal sealed record PlainPytorch(string Python)
{
    /// <summary>Debian's own comes second: another one may stand before it on the PATH.</summary>
    public static readonly string[] Interpreters = ["python3", "/usr/bin/python3"];

    /// <summary>The first that has PyTorch.</summary>
    /// <exception cref="BadInputException">None has.</exception>
    public static async Task<PlainPytorch> FindAsync(string[] interpreters, CancellationToken stop)
    {
        foreach (var python in interpreters)
        {
            if (await RunAsync(python, ["-c", "import torch"], stop) is { ExitCode: 0 })
            {
                return new(python);
            }
        }

        throw new BadInputException(
            $"--reference needs PyTorch, but {string.Join(" and ", interpreters)} cannot import torch; "
            + "on Debian: apt-get install python3-torch libopenblas0-pthread.");
    }

    /// <summary>One repetition.</summary>
    /// <returns>Tokens a second.</returns>
    /// <exception cref="BenchFailedException">It did not end well.</exception>
    public async Task<double> RunAsync(
        ModelShape model, TrainingLoad load, int threads, string device, CancellationToken stop)
    {
        var options = new Dictionary<string, object>
        {
            ["layers"] = model.LayerCount,
            ["heads"] = model.HeadCount,
            ["width"] = model.Width,
            ["vocabulary"] = model.VocabularySize,
            ["tokens"] = load.SequenceLength,
            ["micro-batch"] = load.MicroBatch,
            ["users"] = load.Users,
            ["experts"] = load.Adapters.ExpertCount,
            ["steps"] = load.Steps,
            ["threads"] = threads,
            ["device"] = device == "torch" ? "cpu" : device,
            ["repetitions"] = 1,
        };
        var script = ProgramFiles.At("benchmarks/plain_pytorch/bench.py");
        string[] words = [script, .. options.SelectMany(option =>
            new[] { $"--{option.Key}", Convert.ToString(option.Value, CultureInfo.InvariantCulture)! })];
        var (code, output, error) = await RunAsync(Python, words, stop);
        return code == 0
            ? JsonDocument.Parse(output).RootElement.GetProperty("tokensPerSecond").GetProperty("median").GetDouble()
            : throw new BenchFailedException(
                $"{script} ended with {code}: {error.Trim().Split('\n')[^1]}");
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string program, string[] words, CancellationToken stop)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, words)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var ending = stop.Register(process.Kill);
            var (output, error) =
                (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
            await process.WaitForExitAsync(stop);
            return (process.ExitCode, await output, await error);
        }
        catch (Win32Exception missing)
        {
            return (-1, "", missing.Message);
        }
    }
}
