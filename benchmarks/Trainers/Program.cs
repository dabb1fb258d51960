using System.Text.Json;
using CoMiGS.Benchmarks;
using CoMiGS.Learning;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Torch;
using CoMiGS.Learning.Training.Cpu;

// The CPU kernels beside libtorch on the CPU in float32 and in bfloat16, all on all cores.
// dotnet run -c Release --project benchmarks/Trainers [-- --format json]
const int Repetitions = 7;
ModelShape[] shapes = [new(4, 4, 128, 2048, 128), new(6, 8, 256, 4096, 128), new(2, 12, 768, 4096, 128)];
var speeds = new List<TrainerSpeed>();
string? whyNoTorch = null;
foreach (var shape in shapes)
{
    var checkpoint = RandomCheckpoint.Create(shape, seed: 1);
    using var model = PackedModel.Pack(checkpoint);
    using var kernels = new CpuTrainer(model, Environment.ProcessorCount);
    using var libtorch = OpenTorch(checkpoint, FloatType.Float32);
    using var rounded = OpenTorch(checkpoint, FloatType.Bfloat16);
    speeds.AddRange(await TrainerSpeed.MeasureAsync(
        libtorch is null || rounded is null ? [kernels] : [kernels, libtorch, rounded], Repetitions));
}

if (whyNoTorch is not null)
{
    Console.Error.WriteLine($"libtorch is not measured: {whyNoTorch}");
}

if (args is ["--format", "json"])
{
    var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true };
    Console.WriteLine(JsonSerializer.Serialize(speeds, options));
    return;
}

Console.WriteLine($"{"trainer",-40} width blocks  tokens/s, median of {Repetitions} (least – most)");
foreach (var speed in speeds)
{
    Console.WriteLine(
        $"{speed.Trainer,-40} {speed.Width,5} {speed.Blocks,6}  {speed.Median:N0} "
        + $"({speed.TokensPerSecond[0]:N0} – {speed.TokensPerSecond[^1]:N0})");
}

TorchTrainer? OpenTorch(BaseCheckpoint checkpoint, FloatType precision)
{
    try
    {
        return TorchTrainer.Open(checkpoint, new TorchSettings { Precision = precision, Gathering = TimeSpan.Zero });
    }
    catch (BadInputException missing)
    {
        whyNoTorch = missing.Message;
        return null;
    }
}
