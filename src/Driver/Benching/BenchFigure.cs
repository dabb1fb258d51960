using System.Text.Json.Serialization;

namespace CoMiGS.Driver.Benching;

/// <summary>One line of what bench shows.</summary>
/// <param name="Part">The part that measured it.</param>
/// <param name="Name">What it is, for programs: fmaPeak, trainingSpeed, plainPytorch, timesPlainPytorch, stepShares,
/// callRate, emptyRound, peakMemory, firstRound, telemetryCost, telemetryProcessor or pageCost.</param>
/// <param name="What">The same for people, with the circumstances.</param>
/// <param name="Remark">What else is worth a word; empty if nothing.</param>
/// <param name="Details">The circumstances, for programs: names and numbers.</param>
internal sealed record BenchFigure(
    string Part, string Name, string What, Readings Value, string Unit, string Remark, object Details)
{
    /// <summary>Value, spread and remark in a line.</summary>
    [JsonIgnore]
    public string Text => string.Join(
        ", ", new[] { $"{Readings.Text(Value.Median)} {Unit}", Value.Spread, Remark }.Where(part => part.Length > 0));
}

/// <summary>A part of bench that can be asked for by name.</summary>
internal interface IBenchPart
{
    string Name { get; }

    /// <summary>How long it takes, about, in seconds on two cores.</summary>
    double EstimateSeconds { get; }

    /// <summary>Hands out every figure as soon as it is there.</summary>
    Task MeasureAsync(Action<BenchFigure> report, CancellationToken stop);
}
