using CoMiGS.Driver.Tests;
using CoMiGS.Telemetry.Tests.Otlp;

namespace CoMiGS.Telemetry.Tests;

/// <summary>Silos in processes of their own, which only the official build has.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task Trace_OfARoundOnTwoProcesses_IsOneTreeOfSpansFromBoth()
    {
        Assert.SkipUnless(SiloProcess.IsPossible, "This build has no clusters.");
        using var workspace = new Workspace();
        await using var receiver = new OtlpReceiver();
        var ports = SiloProcess.FreePorts(4);
        await using (var first = await StartAsync(0))
        {
            await using var second = await StartAsync(1);
            var answer = await Workspace.RunAsync(
                "run", workspace.RunFile, "--out", workspace.At("out"), "--cluster", "localhost",
                "--gateway", $"{ports[1]}", "--cluster-id", $"test-{ports[0]}");
            Assert.True(answer.ExitCode == 0, answer.Error);
            Assert.Equal(0, await second.TerminateAsync());
            Assert.Equal(0, await first.TerminateAsync());
        }

        var traces = receiver.Spans.GroupBy(span => span.TraceId).Select(group => group.ToArray()).ToArray();
        Assert.Equal(3 * 2, traces.Length);   // runs of the workspace's run file, rounds
        Assert.All(traces, trace =>
        {
            var ids = trace.Select(span => span.SpanId).ToHashSet();
            Assert.Equal("round", Assert.Single(trace, span => !ids.Contains(span.ParentSpanId)).Name);
            var users = trace.Where(span => span.Name == "user").Select(user => user.Attributes.Text("comigs.silo"));
            Assert.Equal(2, users.Distinct().Count());
        });
        var processes = receiver.Resources.Select(resource => resource.Attributes.Text("service.instance.id"));
        Assert.Equal(2, processes.Distinct().Count());

        Task<SiloProcess> StartAsync(int number) => SiloProcess.StartAsync(
            receiver.Variables,
            "--clustering", "localhost", "--primary", $"{ports[0]}", "--silo-port", $"{ports[2 * number]}",
            "--gateway-port", $"{ports[(2 * number) + 1]}", "--cluster-id", $"test-{ports[0]}", "--threads", "1",
            "--state", workspace.At("state"));
    }
}
