using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>A run file, expanded into its arms; written out and read back it is the same.</summary>
internal sealed partial class RunFileParser() : Parser(
    "run.yaml", "name: ", "users: ", "all", "[", "]", "{", "}", ", ", ": ", "\n", "  ", "- ", "\"", "'", "#", "&a ",
    "*a", "!!int ", "---\n", "...\n", "|\n", ">\n", "? ", "~", "true", "comigs-1g1s", "hetlora", "centralized", "own",
    "id: ", "count: ", "experts: ", "data: ", "share: ", "mlpRank: ", "devices: ", "classes: ", "availability: ",
    "22-6", "methods: ", "round: ", "training: ", "aggregation: ", "evaluation: ", "cohort: ", "faults: ", "kind: ",
    "tearWrite", "%YAML 1.2\n", "<<: ", "\\0")
{
    private const long BytesOfAUser = 20_000;   // in all arms together

    /// <summary>The second is the dataset's manifest, which lists the users where they are all wanted.</summary>
    public override IReadOnlyList<string> Culprits => [FileName, "dataset.json"];

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text(Tiny.RunFile),
        Text(Tiny.RunFile + """
            seed: 7
            method: comigs-2g
            experts: { count: 2, mlpRank: 8, attentionRank: 4 }
            training: { localSteps: 5, learningRate: 1e-3, microBatch: 4, accumulation: 2, sequenceLength: 16 }
            router: { every: 3, iterations: 2 }
            round: { cohortFraction: 0.5, sampling: availability, simulatedDeadlineSeconds: 60 }
            evaluation: { every: 5, tokens: 128 }
            adapters: false
            methods: { fedavg: { training: { localSteps: 4 } }, comigs-2g: { router: { every: 9 } } }
            devices:
              classes:
                phone: { flops: 2e9, downBytesPerSecond: 1e6, upBytesPerSecond: 1e5, spread: 0.5, availability: 22-6 }
                desk: { share: 0.2, flops: 5e10, downBytesPerSecond: 1e7, upBytesPerSecond: 1e7, latencySeconds: 0.1 }
            """),
        Text("""
            name: people
            base: ../base
            data:
              folder: "data"
              holdout: 0.1
              evaluate: holdout
            users:
              - { id: phone, count: 12, data: de, share: 0.05, microBatch: 2 }
              - id: desk
                localSteps: 3
            method: fedavg
            round: { cohort: 3, sampling: size }
            aggregation: { weights: tokens }

            """),
        Text(Tiny.RunFile + """
            faults:
              - { kind: dropDuring, probability: 0.3 }
              - { kind: delay, users: [a], rounds: [1, 2], seconds: 60, spread: 0.5 }
              - { kind: scale, probability: 0.1, factor: -100 }
              - { kind: killSilo, rounds: [2], silo: 2, back: 1 }
            """),
    ];

    /// <summary>An entry makes a user, in every arm.</summary>
    public override int BytesPerByte => 1000;

    public override long BytesAlways(byte[] content) => base.BytesAlways(content) + (BytesOfAUser * Count()
        .Matches(Encoding.Latin1.GetString(content))
        .Sum(count => long.TryParse(count.Groups[1].Value, CultureInfo.InvariantCulture, out var users)
            ? Math.Min(users, Population.MostUsers)
            : 0));

    public override void Read(string path)
    {
        var file = RunFileReader.Read(path, []);
        if (file.Devices?.File is null)
        {
            Arms.Of(file, output: "/out");
        }

        var written = YamlWriter.Write(file);
        Assert.Equal(written, YamlWriter.Write(RunFileReader.ReadResolved(written, path)));
    }

    [GeneratedRegex(@"count\W+([0-9]+)")]
    private static partial Regex Count();
}
