using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Replay;
using CoMiGS.Learning.Training;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>A recording, read up to its first forward pass.</summary>
internal abstract class RecordingParser(string fileName, params string[] words) : Parser(fileName, words)
{
    protected const string Run = "run.json";
    protected const string Tensors = "tensors.safetensors";

    public override IReadOnlyList<string> Culprits => [Run, Tensors];

    protected static byte[] Recorded(string name) => Repository.Read($"tests/fixtures/comigs-2s/{name}");

    public override void Read(string path)
    {
        Tiny.Beside(path, Run, Recorded(Run));
        Tiny.Beside(path, Tensors, Recorded(Tensors));
        try
        {
            Replayer.RunAsync(Path.GetDirectoryName(path)!, _ => new Nobody(), default).GetAwaiter().GetResult();
        }
        catch (EndOfReadingException)
        {
            // The recording was accepted.
        }
    }

    private sealed class EndOfReadingException : Exception;

    /// <summary>A device that is asked for the first time when everything has been read.</summary>
    private sealed class Nobody : ITrainer
    {
        public string Description => "nobody";

        public ModelShape Model => throw new EndOfReadingException();

        public long BytesFor(AdapterShape shape, int microBatch, int sequenceLength) => 0;

        public Task<LocalOutcome> TrainAsync(LocalWork work, CancellationToken stop) =>
            throw new EndOfReadingException();

        public Task<Measurement> MeasureAsync(MeasureWork work, CancellationToken stop) =>
            throw new EndOfReadingException();

        public Task<Inspection> InspectAsync(InspectWork work, CancellationToken stop) =>
            throw new EndOfReadingException();

        public void Dispose()
        {
        }
    }
}

internal sealed class RecordedRunParser() : RecordingParser(
    Run, "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "\"expert_0\"", "\"all\"", "\"none\"",
    "\"zero-pad\"", "\"valid\"", "\"weights\": [0.5, 0.5],",
    "\"prune\": {\"factor\": 0.9, \"weight\": 0.1},", "\"n_layer\"", "[1, 1]")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Recorded(Run)];
}

internal sealed class RecordedTensorsParser() : RecordingParser(
    Tensors, "{", "}", "[", "]", ":", ",", "\"", "\"F32\"", "\"I64\"", "\"F64\"", "\"shape\"", "[0,0]",
    "batch.0.train.x")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Recorded(Tensors)];
}
