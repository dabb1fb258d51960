using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Silo.Storage;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>A state file with its checksum: whatever is changed in it, it is refused.</summary>
internal sealed class SealedFileParser() : Parser("state.json", "comigs-state 1 sha256 ", "\n", "0", "f", "{}")
{
    private static readonly byte[] Whole = Tiny.Written(
        path => SealedFile.WriteAsync(path, Text("{ \"next\": 3 }"), default).GetAwaiter().GetResult());

    public override IReadOnlyList<byte[]> Seeds { get; } = [Whole];

    public override void Read(string path)
    {
        SealedFile.ReadAsync(path, default).GetAwaiter().GetResult();
        Assert.Equal(Whole, File.ReadAllBytes(path));
    }
}

/// <summary>The JSON inside: a run as its grain keeps it.</summary>
internal sealed class RunStateParser() : Parser(
    "spec.json", "{", "}", "[", "]", ":", ",", "\"", "null", "true", "\"Users\"", "\"NaN\"",
    "\"$type\": ", "\"Uniform\"")
{
    private static readonly UserSpec User = new()
    {
        Id = "a",
        Experts = 2,
        MlpRank = 4,
        AttentionRank = 4,
        LocalSteps = 1,
        MicroBatch = 1,
        Accumulation = 1,
        Train = [new("/data/a/train.bin", 1, 0)],
        Valid = ["/data/a/valid.bin"],
        Targets = [],
        Device = new()
        {
            Class = "phone",
            Flops = 1e9,
            DownBytesPerSecond = 1e6,
            UpBytesPerSecond = 1e6,
            LatencySeconds = 0.1,
            Availability = 0.5,
            Hours = DeviceSpec.AllHours,
        },
    };

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Json.ToBytes(new RunSpec
        {
            Experiment = "tiny.fedavg",
            Method = "fedavg",
            Seed = 1,
            Rounds = 2,
            Base = "/base",
            Training = new(),
            Experts = new(),
            Router = new(),
            Evaluation = new(),
            Round = new(),
            Users = [User],
            Output = "/out",
        }),
    ];

    public override void Read(string path) => Json.FromBytes<RunSpec>(File.ReadAllBytes(path), path);
}
