using System.Diagnostics;
using System.Text.Json;
using CoMiGS.Driver.Benching;
using CoMiGS.Learning;

namespace CoMiGS.Driver.Tests;

/// <summary>The plain version that speeds are compared with; skipped where there is no PyTorch.</summary>
public sealed class PlainPytorchTests
{
    [Fact]
    public async Task Check_RecordedRuns_AgreesWithLossesAndParameters()
    {
        var plain = await RequireAsync();
        using var check = Process.Start(
            new ProcessStartInfo(plain.Python, [Repository.At("benchmarks/plain_pytorch/check.py")])
            {
                RedirectStandardOutput = true,
            })!;
        var differences = await check.StandardOutput.ReadToEndAsync();
        await check.WaitForExitAsync();
        Assert.True(check.ExitCode == 0, differences);
        Assert.Contains("comigs-heterogeneous: parameters", differences, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Reference_GivesItsSpeedAndTheRatio()
    {
        await RequireAsync();
        var answer = await Workspace.RunAsync("bench", "kernels", "--quick", "--reference", "--format", "json");
        Assert.True(answer.ExitCode == 0, answer.Error);
        var medians = JsonDocument.Parse(answer.Output).RootElement.GetProperty("figures").EnumerateArray()
            .GroupBy(figure => figure.GetProperty("name").GetString()!)
            .ToDictionary(
                group => group.Key, group => group.First().GetProperty("value").GetProperty("median").GetDouble());
        Assert.Equal(
            medians["trainingSpeed"] / medians["plainPytorch"], medians["timesPlainPytorch"],
            medians["timesPlainPytorch"] * 1e-9);
    }

    [Fact]
    public async Task Find_NoInterpreterWithPytorch_SaysWhatToInstall()
    {
        var missing = await Assert.ThrowsAsync<BadInputException>(
            () => PlainPytorch.FindAsync(["no-such-python"], CancellationToken.None));
        Assert.Contains("no-such-python", missing.Message, StringComparison.Ordinal);
        Assert.Contains("python3-torch", missing.Message, StringComparison.Ordinal);
    }

    private static async Task<PlainPytorch> RequireAsync()
    {
        try
        {
            return await PlainPytorch.FindAsync(PlainPytorch.Interpreters, CancellationToken.None);
        }
        catch (BadInputException missing)
        {
            Assert.Skip(missing.Message);
            throw;
        }
    }
}
