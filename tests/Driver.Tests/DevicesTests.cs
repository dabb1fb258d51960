using System.Text.Json;
using CoMiGS.Results.RunFiles;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Driver.Tests;

/// <summary>The section 'devices' of run files, and what becomes of it.</summary>
public sealed class DevicesTests : IDisposable
{
    private const string Even = "flops: 1e9, downBytesPerSecond: 2048, upBytesPerSecond: 1024";
    private const string OneClass = $"devices: {{ classes: {{ phone: {{ {Even} }} }} }}";

    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Classes_OfManyUsers_FollowTheirSharesAndSpreads()
    {
        workspace.WriteRunFile(
            $"devices: {{ classes: {{ phone: {{ share: 3, spread: 0.5, {Even} }}, laptop: {{ {Even} }} }} }}");
        var profiles = Profiles();
        var devices = Enumerable.Range(0, 10_000).Select(user => profiles.Of($"u{user}")).ToArray();
        var phones = devices.Where(device => device.Class == "phone").Select(device => device.Flops).Order().ToArray();

        Assert.InRange(phones.Length, 7300, 7700);   // 75 %; four standard deviations are 173
        Assert.All(devices.Where(device => device.Class == "laptop"), device => Assert.Equal(1e9, device.Flops));
        Assert.InRange(phones[phones.Length / 2], 0.96e9, 1.04e9);
        // One standard deviation above the median are 84 % of a normal distribution.
        Assert.InRange(phones[(int)(0.8413 * phones.Length)], 1e9 * Math.Exp(0.46), 1e9 * Math.Exp(0.54));
        Assert.NotEqual(
            devices.Select(device => device.Flops / 1e9), devices.Select(device => device.UpBytesPerSecond / 1024));
    }

    [Fact]
    public void Classes_SameSeedAndUser_GiveTheSameDeviceInEveryRun()
    {
        workspace.WriteRunFile($"devices: {{ classes: {{ a: {{ spread: 1, {Even} }}, b: {{ {Even} }} }} }}");
        var of = ArmsOf().SelectMany(arm => arm.Spec.Users).ToLookup(user => user.Id, user => user.Device);

        Assert.Single(of["a"].Distinct());
        Assert.Equal(of["a"].First(), Profiles().Of("a"));
        Assert.Equal(of["b"].First(), ArmsOf("users=[b]")[0].Spec.Users[0].Device);
        Assert.NotEqual(
            Enumerable.Range(0, 9).Select(user => Profiles().Of($"u{user}")),
            Enumerable.Range(0, 9).Select(user => Profiles("seed=9").Of($"u{user}")));
    }

    [Fact]
    public void Arms_MethodsWithoutWorkOnUsersDevices_HaveNone()
    {
        workspace.WriteRunFile(OneClass + "\nround: { sampling: availability, simulatedDeadlineSeconds: 9 }");
        var arms = ArmsOf("baselines=[centralized, pretrained, local]", "targets=[own]")
            .ToDictionary(arm => arm.Label, arm => arm.Spec);

        foreach (var (label, spec) in arms)
        {
            var simulates = label is "comigs-1g1s" or "local";
            Assert.All(spec.Users, user => Assert.Equal(simulates, user.Device is not null));
            Assert.Equal(simulates ? Sampling.Availability : Sampling.Uniform, spec.Round.Sampling);
            Assert.Equal(simulates ? 9 : null, spec.Round.SimulatedDeadlineSeconds);
        }
    }

    [Fact]
    public void Arms_SamplingBySize_TakesTrainTokensAsWeights()
    {
        workspace.WriteShard("b", "train", 50);
        Assert.Equal([200.0, 50], ArmsOf("round.sampling=size")[0].Spec.Users.Select(user => user.SamplingWeight));
        Assert.Equal([1.0, 1], ArmsOf()[0].Spec.Users.Select(user => user.SamplingWeight));
    }

    [Fact]
    public void Table_RowsOfUsers_AreTheirDevices()
    {
        File.WriteAllText(workspace.At("profiles.csv"), """
            availability,user,flops,upBytesPerSecond,downBytesPerSecond,class
            22-6,b,1e9,10,20,phone

            ,somebody,1e9,10,20,
            0.5,a,2e9,30,40,
            """);
        workspace.WriteRunFile("devices: { file: profiles.csv }");

        var users = ArmsOf()[0].Spec.Users;

        Assert.Equal(
            new()
            {
                Class = "",
                Flops = 2e9,
                UpBytesPerSecond = 30,
                DownBytesPerSecond = 40,
                LatencySeconds = 0,
                Availability = 0.5,
                Hours = DeviceSpec.AllHours,
            },
            users[0].Device);
        Assert.Equal(("phone", 1.0), (users[1].Device!.Class, users[1].Device!.Availability));
        Assert.Equal(0b11000000_00000000_00111111, users[1].Device!.Hours);
    }

    [Theory]
    [InlineData("a,0,10,20,1", ":2: 'flops' is '0', but must be a number from 1000000 to 1E+18.")]
    [InlineData("a,fast,10,20,1", ":2: 'flops' is 'fast', but must be a number from 1000000 to 1E+18.")]
    [InlineData("a,NaN,10,20,1", ":2: 'flops' is 'NaN', but must be")]
    [InlineData("a,1e9,-1,20,1", ":2: 'upBytesPerSecond' is '-1', but must be a number from 1 to 1000000000000000.")]
    [InlineData("a,1e9,10,,1", ":2: the field 'downBytesPerSecond' is empty.")]
    [InlineData("a,1e9,10,20,2", ":2: 'availability' is '2', but must be a probability from 0 to 1, or hours of ")]
    [InlineData("a,1e9,10,20,7-25", ":2: 'availability' is '7-25', but must be")]
    [InlineData("a,1e9,10", ":2: the row has 3 fields, but the header has 5.")]
    [InlineData(",1e9,10,20,1", ":2: the field 'user' is empty.")]
    [InlineData("b,1e9,10,20,1\nb,1e9,10,20,1", ":3: 'user' is 'b', who has a row already.")]
    [InlineData("b,1e9,10,20,1", ": user 'a' of the run has no row.")]
    public async Task Table_BadRow_IsNamedWithColumnValueAndLimit(string rows, string expected)
    {
        File.WriteAllText(
            workspace.At("profiles.csv"), "user,flops,upBytesPerSecond,downBytesPerSecond,availability\n" + rows);
        workspace.WriteRunFile("devices: { file: profiles.csv }");
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(workspace.At("profiles.csv") + expected);
    }

    [Theory]
    [InlineData("", "profiles.csv is empty")]
    [InlineData("user,flops,upBytesPerSecond", "profiles.csv:1: the column 'downBytesPerSecond' is missing")]
    [InlineData(
        "user,flops,upBytesPerSecond,downBytesPerSecond,latency",
        "profiles.csv:1: the column 'latency' is not known; there may be user, flops, upBytesPerSecond")]
    public async Task Table_BadHeader_IsNamed(string header, string expected)
    {
        File.WriteAllText(workspace.At("profiles.csv"), header);
        workspace.WriteRunFile("devices: { file: profiles.csv }");
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(expected);
    }

    [Theory]
    [InlineData("devices: {}", "'devices' must have either 'file' or 'classes'")]
    [InlineData("devices: { file: a.csv, classes: { a: {} } }", "either 'file' or 'classes'")]
    [InlineData("devices: { file: a.csv }", "a.csv", "no such file")]
    [InlineData("devices: { classes: {} }", "'devices.classes' is empty")]
    [InlineData("devices: { classes: 3 }", "'devices.classes' is '3'", "names of classes")]
    [InlineData("devices: { classes: { a: {} } }", "'devices.classes.a.flops' is missing", "FLOP/s")]
    [InlineData("devices: { classes: { a: { flops: 1 } } }", "'devices.classes.a.flops' is 1", "from 1000000 to ")]
    [InlineData("devices: { classes: { a: { flop: 1 } } }", "'devices.classes.a' 'flop'", "'flops'")]
    [InlineData("devices: { classes: { a/b: {} } }", "the name 'a/b'", "letters")]
    [InlineData(
        "devices: { classes: { a: { flops: 1e9, downBytesPerSecond: 9, upBytesPerSecond: 9, availability: 9-9 } } }",
        "'devices.classes.a.availability' is '9-9'", "hours of the day such as 22-6")]
    [InlineData("round: { sampling: availability }", "round.sampling is availability, but users have no devices")]
    [InlineData("round: { simulatedDeadlineSeconds: 3 }", "simulatedDeadlineSeconds is 3, but users have no devices")]
    [InlineData("round: { simulatedDeadlineSeconds: 0 }", "'round.simulatedDeadlineSeconds' is 0", "from 1E-06")]
    [InlineData("round: { sampling: sizes }", "'round.sampling' is 'sizes'", "uniform or size or availability")]
    [InlineData("round: { cohort: 1, cohortFraction: 0.5 }", "cohort is 1", "cohortFraction 0.5", "only one of them")]
    [InlineData("round: { cohortFraction: 1.5 }", "'round.cohortFraction' is 1.5", "from 0 to 1")]
    public async Task Plan_WrongSection_SaysWhatAndTheLimit(string line, params string[] words)
    {
        workspace.WriteRunFile(line);
        (await Workspace.RunAsync("plan", workspace.RunFile)).AssertBadInput(words);
    }

    [Theory]
    [InlineData("0", 0, DeviceSpec.AllHours)]
    [InlineData("0.75", 0.75, DeviceSpec.AllHours)]
    [InlineData("22-2", 1, 0b11000000_00000000_00000011)]
    [InlineData("0-24", 1, DeviceSpec.AllHours)]
    [InlineData("20-24", 1, 0b11110000_00000000_00000000)]
    [InlineData("1-2 4-6", 1, 0b00110010)]
    public void Availability_ProbabilityOrHours_IsRead(string text, double probability, int hours) =>
        Assert.Equal((probability, hours), AvailabilityText.Parse(text));

    [Theory]
    [InlineData("1.01")]
    [InlineData("-0.5")]
    [InlineData("NaN")]
    [InlineData("always")]
    [InlineData("7")]
    [InlineData("7-")]
    [InlineData("7-8-9")]
    [InlineData("24-3")]
    [InlineData("7-7")]
    [InlineData("1-2,4-6")]
    public void Availability_AnythingElse_IsNot(string text) => Assert.Null(AvailabilityText.Parse(text));

    [Fact]
    public async Task Plan_Devices_ShowsClassesAndTheTimeOfARound()
    {
        workspace.WriteRunFile(OneClass);
        var text = (await Workspace.RunAsync("plan", workspace.RunFile, "--set", "targets=[own]")).Output;
        var json = await PlanAsync("targets=[own]");

        Assert.Contains("phone", text, StringComparison.Ordinal);
        // 4 · 512 bytes are shared (see Plan_Json_CountsWhatIsSharedAndSent): 1 s down and 2 s up, next to no work.
        Assert.Contains(
            "comigs-1g1s: a round takes 3.0 s of simulated time, the average of the first 2.", text,
            StringComparison.Ordinal);
        var devices = json[0].GetProperty("devices");
        Assert.Equal(3, devices.GetProperty("roundSeconds").GetDouble(), 2);
        var phone = Assert.Single(devices.GetProperty("classes").EnumerateArray());
        Assert.Equal(2, phone.GetProperty("users").GetInt32());
        Assert.Equal(4, phone.GetProperty("asked").GetInt32());   // both, in both rounds
    }

    [Fact]
    public async Task Plan_DeadlineThatTheQuorumMisses_SaysThatTheRunWillFail()
    {
        workspace.WriteRunFile(OneClass + "\nround: { simulatedDeadlineSeconds: 2 }");
        var answer = await Workspace.RunAsync("plan", workspace.RunFile, "--set", "baselines=[]");

        Assert.Equal(0, answer.ExitCode);
        Assert.Contains(
            "the run will fail. Round 1: 0 of 2 users took part", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_NoDevices_SaysNothingAboutThem() =>
        Assert.False((await PlanAsync())[0].TryGetProperty("devices", out _));

    [Fact]
    public async Task Run_Devices_SimulatedTimeStandsInEveryResult()
    {
        File.WriteAllText(
            workspace.At("profiles.csv"),
            "user,flops,upBytesPerSecond,downBytesPerSecond\na,1e15,1024,2048\nb,1e15,64,2048\n");
        workspace.WriteRunFile("""
            devices: { file: profiles.csv }
            round: { simulatedDeadlineSeconds: 10, quorum: 0.5 }
            """);

        var answer = await RunAsync();

        Assert.Contains("without b (late)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("simulated 0:20", answer.Output, StringComparison.Ordinal);
        var rounds = File.ReadAllLines(workspace.At("out/metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            [0.0, 10], rounds.Select(round => round.GetProperty("simulated").GetProperty("start").GetDouble()));
        var late = rounds[1].GetProperty("simulated").GetProperty("late")[0];
        Assert.Equal("b", late.GetProperty("id").GetString());
        Assert.Equal(33, late.GetProperty("seconds").GetDouble(), 6);
        Assert.Equal(3, rounds[1].GetProperty("users")[0].GetProperty("simulatedSeconds").GetDouble(), 6);
        Assert.Equal(["b"], rounds[1].GetProperty("missing").EnumerateArray().Select(user => user.GetString()));
        var summary = JsonDocument.Parse(File.ReadAllText(workspace.At("out/summary.json"))).RootElement;
        Assert.Equal(20, summary.GetProperty("simulatedSeconds").GetDouble());
        Assert.Equal(20, summary.GetProperty("arms")[0].GetProperty("simulatedSeconds").GetDouble());
        Assert.Contains("profiles.csv", File.ReadAllText(workspace.At("out/inputs.sha256")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoDevices_NoResultMentionsAVirtualClock()
    {
        var answer = await RunAsync();

        Assert.DoesNotContain("imulated", answer.Output, StringComparison.Ordinal);
        foreach (var file in new[] { "metrics.jsonl", "summary.json", "run.yaml" })
        {
            Assert.DoesNotContain(
                "imulated", File.ReadAllText(workspace.At($"out/{file}")), StringComparison.Ordinal);
        }
    }

    private async Task<Answer> RunAsync()
    {
        var answer = await Workspace.RunAsync(
            "run", workspace.RunFile, "--out", workspace.At("out"), "--set", "baselines=[]", "--set", "targets=[own]");
        Assert.True(answer.ExitCode == 0, answer.Error);
        return answer;
    }

    private async Task<JsonElement[]> PlanAsync(params string[] settings)
    {
        var answer = await Workspace.RunAsync(
        [
            "plan", workspace.RunFile, "--format", "json",
            .. settings.SelectMany(setting => new[] { "--set", setting }),
        ]);
        Assert.True(answer.ExitCode == 0, answer.Error);
        return [.. JsonDocument.Parse(answer.Output).RootElement.GetProperty("arms").EnumerateArray()];
    }

    private Arm[] ArmsOf(params string[] settings) =>
        [.. Arms.Of(RunFileReader.Read(workspace.RunFile, settings), "/out")];

    private DeviceProfiles Profiles(params string[] settings)
    {
        var file = RunFileReader.Read(workspace.RunFile, settings);
        return new(file.Devices!, file.Seed);
    }
}
