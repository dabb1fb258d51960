using CoMiGS.Dashboard.Views;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;
using CoMiGS.Learning.Training.Cpu;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Dashboard.Tracing;

/// <summary>Follows texts with the adapters that a run wrote when it ended. The base is packed when the first text
/// comes, and stays.</summary>
internal sealed class AdapterTracer : ITracer, IDisposable
{
    private readonly Lock gate = new();
    private PackedModel? packed;
    private Tokenizer? tokenizer;
    private CpuTrainer? trainer;

    public async Task<TraceView> TraceAsync(Arm arm, string user, string text, CancellationToken stop)
    {
        var path = Path.Combine(arm.Spec.Output, ResultsFolder.AdaptersName, user + ".safetensors");
        if (!File.Exists(path))
        {
            throw new BadInputException(
                "A run writes its users' adapters when it ends, unless its run file says 'adapters: false'; before "
                + "that only the page of ./comigs run --dashboard can follow a text.");
        }

        var (device, tokenizer) = BaseOf(arm.Spec.Base);
        var layout = ParameterLayout.Of(
            device.Model, arm.ShapeOf(arm.Spec.Users.First(candidate => candidate.Id == user)));
        return TraceView.Of(user, await TextTrace.OfAsync(
            device, tokenizer, arm.Spec.Training.SequenceLength, text,
            UserModel.Start(layout.Adapters, Read(path, layout)), stop));
    }

    public void Dispose()
    {
        trainer?.Dispose();
        packed?.Dispose();
    }

    private (CpuTrainer Device, Tokenizer Tokenizer) BaseOf(string folder)
    {
        lock (gate)
        {
            tokenizer ??= Tokenizer.Load(Path.Combine(folder, "tokenizer.json"));
            packed ??= PackedModel.Pack(BaseCheckpointReader.ReadFolder(folder));
            return (trainer ??= new(packed, Environment.ProcessorCount), tokenizer);
        }
    }

    private static float[] Read(string path, ParameterLayout layout)
    {
        var file = SafetensorsFile.Open(path);
        var parameters = new float[layout.Length];
        foreach (var parameter in layout.Parameters)
        {
            file.Floats(parameter.Name, parameter.Rows, parameter.Columns).CopyTo(parameters, parameter.Offset);
        }

        return parameters;
    }
}
