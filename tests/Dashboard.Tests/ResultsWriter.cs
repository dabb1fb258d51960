using System.Collections.Immutable;
using System.Globalization;
using CoMiGS.Driver.Tests;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Data;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Dashboard.Tests;

/// <summary>Results of a run that never was, written round by round.</summary>
internal sealed class ResultsWriter
{
    private static readonly ulong Purpose = Randomness.Key("made up");

    private readonly ImmutableArray<string> users;
    private readonly string metrics;

    /// <param name="lines">Laid over the workspace's run file: whose users they are.</param>
    public ResultsWriter(Workspace workspace, params string[] lines)
    {
        File = RunFileReader.Read(workspace.RunFile, lines);
        Folder = ResultsFolder.Prepare(workspace.At("results"), File.Name, RunOrigin.Of(File, []));
        users = [.. Population.Of(File).Select(user => user.Id)];
        metrics = Path.Combine(Folder, MetricsFile.Name);
    }

    public RunFile File { get; }

    public string Folder { get; }

    public string Arm => Arms.Of(File, Folder)[0].Label;

    /// <summary>Adds rounds of the main arm, up to this one.</summary>
    /// <param name="cohort">Of every user so many take part; the last of them is missing in every third round.</param>
    public void WriteRounds(int from, int to, int cohort)
    {
        for (var round = from; round <= to; round++)
        {
            System.IO.File.AppendAllText(metrics, Line(round, cohort) + "\n");
        }
    }

    public string Line(int round, int cohort)
    {
        var asked = Enumerable.Range(0, cohort).Select(place => ((place * 7919) + round) % users.Length)
            .Distinct().Order().Select(index => users[index]).ToArray();
        string[] missing = round % 3 == 0 ? [asked[^1]] : [];
        return Json.WriteLine(new MetricsLine(
            round, 4 - (0.1 * round), 1.5, 0.5, 1000 * cohort, 4096, 0, null,
            new Dictionary<string, int> { ["here"] = cohort },
            [.. asked.Except(missing).Select(user => User(user, round))], [.. missing], null, null,
            missing.Length == 0
                ? null
                : [new(missing[0], "crash", "<b onclick=alert(1)>its silo died</b>", 1.25)], null));
    }

    private static MetricsUser User(string user, int round)
    {
        var random = Randomness.Of((ulong)round, Purpose, Randomness.Key(user));
        double Draw(double most) => most * random.NextDouble();
        var phases = new UserPhases(Draw(0.3), Draw(0.1), 0.2 + Draw(0.5), Draw(0.1), Draw(0.05), Draw(0.05));
        return new(
            user, 4 - (0.1 * round) + Draw(0.5), double.NaN, 1000, 4096,
            phases.Queue + phases.Load + phases.Train + phases.Router + phases.Save + phases.Upload, phases,
            20 + (60.0 / round) + Draw(10), [0.2 + Draw(0.6), 0.9], null);
    }

    /// <summary>A population that a page cannot show at once.</summary>
    public static string[] Population10K => ["users=[{id: phone, count: 10000, data: a}]", "baselines=[]", "rounds=40"];

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
