using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Kernels.Measurement;
using CoMiGS.Learning.Model;

// One core: the peak of fused multiply-adds, the matrix product's share of it, and whole training steps.
// dotnet run -c Release --project benchmarks/Kernels [-- Vector256|Portable|Vector512] [--large]
const int Tokens = 128, Sequences = 8;
var level = args.Select(arg => Enum.TryParse<SimdLevel>(arg, out var named) ? named : (SimdLevel?)null)
    .FirstOrDefault(named => named is not null) ?? SimdLevels.Best;
var peak = MachinePeak.FmaGflops(level);
Console.WriteLine($"{level}: peak {peak:F0} GFLOP/s on one core");
foreach (var (inputs, outputs) in new[] { (128, 512), (512, 128), (256, 1024), (768, 3072) })
{
    var speed = MachinePeak.ProductGflops(level, Tokens, inputs, outputs);
    Console.WriteLine($"product {Tokens} x {inputs} x {outputs}: {speed:F0} GFLOP/s, {speed / peak:P0} of peak");
}

List<ModelShape> shapes = [new(4, 4, 128, 2048, 256), new(6, 8, 256, 4096, 256)];
if (args.Contains("--large"))
{
    shapes.Add(new(12, 12, 768, 50257, 1024));
}

foreach (var shape in shapes)
{
    using var model = PackedModel.Pack(RandomCheckpoint.Create(shape, 1), level);
    foreach (var (experts, topK) in new[] { (1, 1), (2, 2), (8, 2) })
    {
        var adapters = new AdapterShape(experts, 8, 8, 16, topK, true);
        var step = StepMeasurement.Run(model, adapters, Tokens, Sequences, TimeSpan.FromSeconds(2));
        Console.WriteLine(
            $"d {shape.Width}, {experts} experts, top {topK}: {step.TokensPerSecond:F0} tokens/s, "
            + $"{step.BaseGflops:F1} GFLOP/s of the base, {step.BaseGflops / peak:P0} of peak, "
            + $"{step.PassBytes / 1e6:F1} MB a sequence");
        Console.WriteLine("  " + string.Join(", ", step.Parts.Select(part => $"{part.Part} {part.Share:P1}")));
    }
}
