using System.Collections.Immutable;
using CoMiGS.Learning.Model;

namespace CoMiGS.Driver.Benching;

/// <summary>How much bench measures.</summary>
internal sealed record BenchSizes
{
    public static readonly BenchSizes Full = new();

    /// <summary>Shows that every part works; the figures mean nothing.</summary>
    public static readonly BenchSizes Quick = new()
    {
        IsQuick = true,
        Bases = [new("tiny", new(1, 1, 8, 16, 16), Steps: 1)],
        FewUsers = 1,
        ManyUsers = 2,
        MicroBatch = 1,
        SequenceLength = 8,
        Patience = new(1, TimeSpan.Zero, TimeSpan.Zero),
        TurnPatience = new(1, TimeSpan.Zero, TimeSpan.Zero),
        CallSeconds = 0.01,
        Callers = [1, 2],
        WarmUsers = [3],
        RoundPatience = new(1, TimeSpan.Zero, TimeSpan.Zero),
        Populations = [2],
        Cohort = 2,
        Starts = 1,
        StartedRun = "runs/smoke.yaml",
        TelemetryTurns = 1,
        TelemetryRounds = 1,
        PageTurns = 1,
        PageRounds = 2,
    };

    public bool IsQuick { get; private init; }

    public ImmutableArray<BenchBase> Bases { get; private init; } =
    [
        new("d=128 L=4 V=512", new(4, 4, 128, 512, 128), Steps: 4),
        new("demo, d=128 L=4 V=2048", Random: null, Steps: 4),
        new("d=256 L=6 V=4096", new(6, 8, 256, 4096, 128), Steps: 2),
        new("GPT-2 124M, d=768 L=12 V=50257", new(12, 12, 768, 50257, 128), Steps: 1),
    ];

    /// <summary>Users at once, in most rows; they take the steps of the base, more users take one each.</summary>
    public int FewUsers { get; private init; } = 4;

    public int ManyUsers { get; private init; } = 32;

    /// <summary>Sequences of a step: as many as plain PyTorch is fastest with.</summary>
    public int MicroBatch { get; private init; } = 8;

    public int SequenceLength { get; private init; } = 128;

    /// <summary>For every speed of training.</summary>
    public Patience Patience { get; private init; } = new(3, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));

    /// <summary>For turns with plain PyTorch.</summary>
    public Patience TurnPatience { get; private init; } = new(3, TimeSpan.Zero, TimeSpan.FromSeconds(90));

    /// <summary>For every number of callers.</summary>
    public double CallSeconds { get; private init; } = 1;

    public ImmutableArray<int> Callers { get; private init; } = [1, 100, 1000];

    public ImmutableArray<int> WarmUsers { get; private init; } = [1000, 10_000];

    /// <summary>For the rounds without training of every number of users.</summary>
    public Patience RoundPatience { get; private init; } = new(3, TimeSpan.Zero, TimeSpan.FromSeconds(20));

    public ImmutableArray<int> Populations { get; private init; } = [10, 100, 1000, 10_000];

    public int Cohort { get; private init; } = 32;

    public int Starts { get; private init; } = 3;

    /// <summary>Relative to the program's own files.</summary>
    public string StartedRun { get; private init; } = "runs/demo.yaml";

    public int TelemetryTurns { get; private init; } = 9;

    /// <summary>Counted, of one turn.</summary>
    public int TelemetryRounds { get; private init; } = 6;

    public int PageTurns { get; private init; } = 7;

    public int PageRounds { get; private init; } = 20;
}

/// <summary>A base model to train on.</summary>
/// <param name="Random">Shape of random weights; null: the demo's base.</param>
/// <param name="Steps">Of each of few users in one repetition, so that it takes a second or two.</param>
internal sealed record BenchBase(string Name, ModelShape? Random, int Steps);
