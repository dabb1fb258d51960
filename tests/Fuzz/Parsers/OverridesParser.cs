using System.Text;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>Every line is a --set.</summary>
internal sealed class OverridesParser() : Parser(
    "settings", "=", ".", "[", "]", "{", "}", ": ", ", ", "\"", "rounds", "users", "training", "localSteps", "methods",
    "fedavg", "experts", "name", "a.a.a.a.a.a.a.a.", "&a", "*a", "\n", "--set")
{
    public override IReadOnlyList<string> Culprits => ["--set", "run.yaml", "dataset.json"];

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("rounds=5\ntraining.localSteps=3\nusers=[a, { id: b, experts: 2 }]"),
        Text("methods.fedavg.training.localSteps=4\nname=\"other\"\nround.cohortFraction=0.5\nbaselines=[]"),
    ];

    /// <summary>Every line has a reader of its own.</summary>
    public override int BytesPerByte => 10_000;

    public override void Read(string path)
    {
        Tiny.Beside(path, "run.yaml", Text(Tiny.RunFile));
        var settings = Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\n');
        RunFileReader.Read(Path.Combine(Path.GetDirectoryName(path)!, "run.yaml"), settings);
    }
}
