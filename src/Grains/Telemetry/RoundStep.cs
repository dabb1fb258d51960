using System.Diagnostics;

namespace CoMiGS.Grains.Telemetry;

/// <summary>A step that the server takes itself: a span of the round, and its duration.</summary>
internal sealed class RoundStep(string name, string method, TimeProvider time) : IDisposable
{
    /// <summary>Of the first round only: what the server has before it.</summary>
    public const string Initialise = "initialise";

    public const string Aggregate = "aggregate";
    public const string Measure = "measure";
    public const string Commit = "commit";

    private readonly long started = time.GetTimestamp();
    private readonly Activity? span = Spans.StartStep(name);

    public void Dispose()
    {
        Instruments.RoundStepDuration.Record(
            time.GetElapsedTime(started).TotalSeconds, new("method", method), new("step", name));
        span?.Dispose();
    }
}
